variable "name" {
  description = "The name of the role that the pods end up with."
  type        = string
}

variable "source_role_arns" {
  description = "The source roles that may assume it. They have to exist: IAM keeps them by their unique ids."
  type        = list(string)

  validation {
    condition     = length(var.source_role_arns) > 0 && alltrue([for arn in var.source_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "At least one, and each one has to be the ARN of a role, without wildcards."
  }
}

variable "principal_tags" {
  description = <<-EOT
    Session tags of Pod Identity that the caller must have, such as
    { "kubernetes-namespace" = "orders", "kubernetes-service-account" = "reporting" }. So one source role can serve
    several service accounts, and each destination only some of them. Not with disable_session_tags.
  EOT
  type        = map(string)
  default     = {}
}

variable "external_id" {
  description = "An external id that the caller must give: in an aws-config, external_id. Not a secret."
  type        = string
  default     = null
}

variable "policy_arns" {
  description = <<-EOT
    Managed policies, which say what the pods may do in this account: each ARN under a name of your choice, such as
    { read_data = aws_iam_policy.read_data.arn }. Terraform plans by the names: the policies need not be there yet.
  EOT
  type        = map(string)
  default     = {}
}

variable "permissions_boundary" {
  description = "The ARN of a permissions boundary for the role, if your account asks for one."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
}
