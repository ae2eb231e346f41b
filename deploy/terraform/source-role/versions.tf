terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # disable_session_tags of aws_eks_pod_identity_association.
      version = ">= 6.2"
    }
  }
}
