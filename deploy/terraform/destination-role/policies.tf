locals {
  assume_conditions = merge(
    { for key, value in var.principal_tags : "aws:PrincipalTag/${key}" => value },
    { for key, value in { "sts:ExternalId" = var.external_id } : key => value if value != null },
  )

  trust_policy = {
    Version = "2012-10-17"
    Statement = [
      merge(
        {
          Sid       = "SourceRoles"
          Effect    = "Allow"
          Principal = { AWS = var.source_role_arns }
          Action    = "sts:AssumeRole"
        },
        { for name, value in { Condition = { StringEquals = local.assume_conditions } } : name => value if length(keys(local.assume_conditions)) > 0 },
      ),
      # The transitive tags of Pod Identity come along. A statement of its own, because what is asked of the caller
      # is asked once, above: alone this one lets nobody in, and sts:ExternalId is no key of it.
      {
        Sid       = "TheirSessionTags"
        Effect    = "Allow"
        Principal = { AWS = var.source_role_arns }
        Action    = "sts:TagSession"
      },
    ]
  }
}
