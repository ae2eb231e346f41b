output "profile" {
  description = "For `epicac install --profile` and `epicac config --profile`."
  value       = "dest_role=${module.destination_role.arn}"
}
