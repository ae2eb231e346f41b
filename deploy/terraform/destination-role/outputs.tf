output "arn" {
  description = "The ARN of the role: role_arn in an aws-config."
  value       = aws_iam_role.this.arn
}

output "name" {
  description = "The name of the role, to give it further policies."
  value       = aws_iam_role.this.name
}
