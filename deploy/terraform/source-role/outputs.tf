output "arn" {
  description = "The ARN of the role, for the trust policies of the destination roles."
  value       = aws_iam_role.this.arn
}

output "name" {
  description = "The name of the role."
  value       = aws_iam_role.this.name
}
