# Pods of an existing cluster in one account read a bucket in another account.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.2"
    }
  }
}

# The account of the cluster.
provider "aws" {
  region = var.region
}

# The account of the bucket, by a role that whoever runs Terraform may assume there.
provider "aws" {
  alias  = "destination"
  region = var.region

  assume_role {
    role_arn = var.terraform_role_arn
  }
}

# The agent that epicac asks. EKS Auto Mode has it built in: leave this out there.
resource "aws_eks_addon" "pod_identity_agent" {
  count = var.install_agent ? 1 : 0

  cluster_name = var.cluster_name
  addon_name   = "eks-pod-identity-agent"
}

module "source_role" {
  source = "../../source-role"

  name                  = "my-application-source"
  cluster_name          = var.cluster_name
  namespace             = "default"
  service_accounts      = ["my-application"]
  destination_role_arns = [module.destination_role.arn]
}

# The two modules name each other and still make no circle: the role comes first, then the one that trusts it, then
# the policy that lets the first become the second.
module "destination_role" {
  source    = "../../destination-role"
  providers = { aws = aws.destination }

  name             = "my-application"
  source_role_arns = [module.source_role.arn]
  principal_tags   = { "kubernetes-namespace" = "default" }
  policy_arns      = { read_data = aws_iam_policy.read_data.arn }
}

resource "aws_s3_bucket" "data" {
  provider = aws.destination

  bucket = var.bucket
}

resource "aws_iam_policy" "read_data" {
  provider = aws.destination

  name = "read-data"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = aws_s3_bucket.data.arn
      },
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${aws_s3_bucket.data.arn}/*"
      },
    ]
  })
}
