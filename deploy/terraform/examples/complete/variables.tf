variable "region" {
  description = "The region of cluster and bucket."
  type        = string
}

variable "cluster_name" {
  description = "The cluster."
  type        = string
}

variable "terraform_role_arn" {
  description = "A role in the other account that may make roles and buckets there."
  type        = string
}

variable "bucket" {
  description = "The name of the bucket."
  type        = string
}

variable "install_agent" {
  description = "Whether to install the EKS Pod Identity Agent as an add-on."
  type        = bool
  default     = true
}
