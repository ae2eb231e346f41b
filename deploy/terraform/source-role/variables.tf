variable "name" {
  description = "The name of the role that EKS Pod Identity gives to the pods."
  type        = string
}

variable "cluster_name" {
  description = "The cluster, which exists already and runs the EKS Pod Identity Agent."
  type        = string
}

variable "namespace" {
  description = "The Kubernetes namespace of the service accounts."
  type        = string
}

variable "service_accounts" {
  description = "The service accounts whose pods get the role. They need no annotation, and need not exist yet."
  type        = set(string)
}

variable "destination_role_arns" {
  description = "The roles, in whatever account, that the pods may go on to. No wildcards: each one is named."
  type        = list(string)

  validation {
    condition     = length(var.destination_role_arns) > 0 && alltrue([for arn in var.destination_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "At least one, and each one has to be the ARN of a role, without wildcards."
  }
}

variable "disable_session_tags" {
  description = <<-EOT
    Whether Pod Identity leaves out its six session tags (cluster ARN and name, namespace, service account, pod name
    and UID). They are transitive: they go on into every role that is assumed from here, and this is why both sides
    of a chain need sts:TagSession. Keep them, unless sts:AssumeRole fails because the tags and your session
    policies are too large together (PackedPolicyTooLarge): without them no trust policy can tell one
    service account from another, and the conditions that this module writes are left out.
  EOT
  type        = bool
  default     = false
}

variable "permissions_boundary" {
  description = "The ARN of a permissions boundary for the role, if your account asks for one."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the role and the associations."
  type        = map(string)
  default     = {}
}
