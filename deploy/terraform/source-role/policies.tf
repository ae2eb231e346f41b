locals {
  # Which pods get the role is said twice, here and by the associations: whoever may only make associations
  # cannot hand the role to pods of another cluster or namespace. The tags are the ones of Pod Identity.
  trust_conditions = {
    StringEquals = {
      "aws:RequestTag/eks-cluster-arn"            = data.aws_eks_cluster.this.arn
      "aws:RequestTag/kubernetes-namespace"       = var.namespace
      "aws:RequestTag/kubernetes-service-account" = sort(var.service_accounts)
    }
  }

  trust_policy = {
    Version = "2012-10-17"
    Statement = [
      merge(
        {
          Sid       = "PodIdentity"
          Effect    = "Allow"
          Principal = { Service = "pods.eks.amazonaws.com" }
          # Pod Identity passes session tags when it assumes the role.
          Action = ["sts:AssumeRole", "sts:TagSession"]
        },
        { for name, value in { Condition = local.trust_conditions } : name => value if !var.disable_session_tags },
      )
    ]
  }

  permissions = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "AssumeDestinationRoles"
        Effect = "Allow"
        # The tags of the session are transitive, so each further AssumeRole is a TagSession too: without it every
        # chain fails with AccessDenied, although no SDK asks for tags.
        Action   = ["sts:AssumeRole", "sts:TagSession"]
        Resource = var.destination_role_arns
      }
    ]
  }
}
