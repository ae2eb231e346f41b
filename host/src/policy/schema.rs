//! docs/policy.schema.json, the JSON Schema of a policy, comes from the types and their documentation.

use super::flaw::PolicyFlaw;
use super::model::Policy;
use super::{
    Duration, FilePath, HostName, Import, LayerRule, Method, PathRule, ProxyOrigin, RoleArn,
    Scheme, SessionPolicyRule, Set, Sha256, StsOrigin, Version,
};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::{env, fs};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/policy.schema.json");

/// What a text may look like. What else it has to be (an address, a path in its shortest spelling) is
/// said by the parser.
macro_rules! schema {
    ($($name:ident: $schema:tt,)*) => {$(
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}
schema! {
    Version: { "const": 1 },
    Sha256: { "type": "string", "pattern": "^[0-9a-f]{64}$" },
    Import: {
        "type": "string",
        "pattern": r"^[a-zA-Z0-9-]+:[a-zA-Z0-9-]+/[a-zA-Z0-9-]+@[a-zA-Z0-9.-]+#[a-zA-Z0-9\[\].-]+$",
    },
    Method: { "const": "GET" },
    Scheme: { "enum": ["http", "https"] },
    LayerRule: { "enum": ["enforced", "unavailable", "required"] },
    HostName: {
        "type": "string",
        "pattern": r"^([0-9a-z_][0-9a-z_-]*(\.[0-9a-z_][0-9a-z_-]*)*|\[[0-9a-f:]+\])$",
    },
    PathRule: {
        "type": "string",
        "pattern": r"^/(([^*{#\s]|\{\*\})*|([^*{#\s]|\{\*\})+/\{any\}([/?]([^*{#\s]|\{\*\})*)?|\{any\}/([^*{#\s]|\{\*\})+)$",
    },
    RoleArn: {
        "type": "string",
        "pattern": r"^arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/.*[^/]$",
    },
    StsOrigin: { "type": "string", "pattern": r"^https?://[^/?#@]+$" },
    ProxyOrigin: { "type": "string", "pattern": r"^http://[^/?#@]+:[0-9]+$" },
    Duration: { "type": "integer", "minimum": 900, "maximum": 43200 },
    SessionPolicyRule: { "enum": ["optional", "required"] },
    FilePath: { "type": "string", "pattern": r"^/([^*{]|\{[*{]\})*$" },
}

impl<T: JsonSchema + Ord> JsonSchema for Set<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Set_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "items": generator.subschema_for::<T>(),
            "uniqueItems": true,
        })
    }
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Policy>();
    schema.insert("title".to_owned(), "A policy of epicac".into());
    let generated = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if env::var_os("EPICAC_BLESS").is_some() {
        fs::write(FILE, &generated).unwrap();
    }
    let published = fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        published == generated,
        "docs/policy.schema.json is not that of the types: EPICAC_BLESS=1 cargo test -p epicac schema"
    );
}

#[test]
fn the_policy_of_the_documentation_is_one() {
    let documentation = include_str!("../../../docs/policy.md");
    let (_, rest) = documentation.split_once("```json\n").unwrap();
    let (json, _) = rest.split_once("```").unwrap();
    let policy: Result<Policy, PolicyFlaw> = Policy::parse(json.as_bytes());
    assert_eq!(
        policy.map(|policy| policy.to_json() + "\n").as_deref(),
        Ok(json)
    );
}

#[test]
fn the_documentation_names_every_member() {
    let documentation = include_str!("../../../docs/policy.md");
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(FILE).unwrap()).unwrap();
    let mut objects = vec![&schema];
    objects.extend(schema["$defs"].as_object().unwrap().values());
    for object in objects {
        for (name, member) in object["properties"].as_object().into_iter().flatten() {
            assert!(documentation.contains(&format!("{name}` |")), "{name}");
            assert!(member["description"].is_string(), "{name}");
        }
    }
}
