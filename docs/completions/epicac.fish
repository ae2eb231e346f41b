# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_epicac_global_optspecs
    string join \n policy= role-arn= session-name= external-id= duration= source-identity= tag= transitive-tag= session-policy= policy-arn= region= sts-endpoint= h/help V/version
end

function __fish_epicac_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_epicac_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_epicac_using_subcommand
    set -l cmd (__fish_epicac_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c epicac -n "__fish_epicac_needs_command" -l policy -d 'Print credentials only if that takes nothing which the policy in FILE does not grant' -r -F
complete -c epicac -n "__fish_epicac_needs_command" -l role-arn -d 'Assume this role, and print its credentials; repeat it for a chain of roles' -r
complete -c epicac -n "__fish_epicac_needs_command" -l session-name -d 'Name the session of the role before it [default: $AWS_ROLE_SESSION_NAME, or epicac- and the host\'s name]' -r
complete -c epicac -n "__fish_epicac_needs_command" -l external-id -d 'Say the external id that the role\'s trust policy asks for' -r
complete -c epicac -n "__fish_epicac_needs_command" -l duration -d 'Ask for a session of 900 to 43200 seconds; in a chain, of at most 3600' -r
complete -c epicac -n "__fish_epicac_needs_command" -l source-identity -d 'Say who is behind the session; all further sessions keep it' -r
complete -c epicac -n "__fish_epicac_needs_command" -l tag -d 'Tag the session; repeat it for more' -r
complete -c epicac -n "__fish_epicac_needs_command" -l transitive-tag -d 'Have further sessions keep the tag of this key; repeat it for more' -r
complete -c epicac -n "__fish_epicac_needs_command" -l session-policy -d 'Limit the session by this IAM policy' -r
complete -c epicac -n "__fish_epicac_needs_command" -l policy-arn -d 'Limit the session by this managed policy; repeat it for more' -r
complete -c epicac -n "__fish_epicac_needs_command" -l region -d 'Ask AWS STS in this region [default: $AWS_REGION, $AWS_DEFAULT_REGION]' -r
complete -c epicac -n "__fish_epicac_needs_command" -l sts-endpoint -d 'Ask AWS STS at this URL [default: $AWS_ENDPOINT_URL_STS, $AWS_ENDPOINT_URL, or the region\'s own]' -r
complete -c epicac -n "__fish_epicac_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epicac -n "__fish_epicac_needs_command" -s V -l version -d 'Print version'
complete -c epicac -n "__fish_epicac_needs_command" -f -a "policy" -d 'Print what epicac may do in this environment, as a policy'
complete -c epicac -n "__fish_epicac_needs_command" -f -a "config" -d 'Print an aws-config with the profiles that lead to epicac, or check an existing one'
complete -c epicac -n "__fish_epicac_needs_command" -f -a "doctor" -d 'Tell what stands between this container and its credentials, and what to do'
complete -c epicac -n "__fish_epicac_needs_command" -f -a "install" -d 'Put this program into a folder, and with --config an aws-config beside it'
complete -c epicac -n "__fish_epicac_needs_command" -f -a "serve" -d 'Serve credentials to the programs of this pod that only ask the container credentials endpoint'
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l role-arn -d 'Assume this role, and print its credentials; repeat it for a chain of roles' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l session-name -d 'Name the session of the role before it [default: $AWS_ROLE_SESSION_NAME, or epicac- and the host\'s name]' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l external-id -d 'Say the external id that the role\'s trust policy asks for' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l duration -d 'Ask for a session of 900 to 43200 seconds; in a chain, of at most 3600' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l source-identity -d 'Say who is behind the session; all further sessions keep it' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l tag -d 'Tag the session; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l transitive-tag -d 'Have further sessions keep the tag of this key; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l session-policy -d 'Limit the session by this IAM policy' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l policy-arn -d 'Limit the session by this managed policy; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l region -d 'Ask AWS STS in this region [default: $AWS_REGION, $AWS_DEFAULT_REGION]' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l sts-endpoint -d 'Ask AWS STS at this URL [default: $AWS_ENDPOINT_URL_STS, $AWS_ENDPOINT_URL, or the region\'s own]' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -l explain -d 'Print it as a table for people, with the reason of each line'
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c epicac -n "__fish_epicac_using_subcommand policy; and not __fish_seen_subcommand_from check" -f -a "check" -d 'Tell whether FILE is a policy, and whether this environment is within it; run nothing'
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l role-arn -d 'Assume this role, and print its credentials; repeat it for a chain of roles' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l session-name -d 'Name the session of the role before it [default: $AWS_ROLE_SESSION_NAME, or epicac- and the host\'s name]' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l external-id -d 'Say the external id that the role\'s trust policy asks for' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l duration -d 'Ask for a session of 900 to 43200 seconds; in a chain, of at most 3600' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l source-identity -d 'Say who is behind the session; all further sessions keep it' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l tag -d 'Tag the session; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l transitive-tag -d 'Have further sessions keep the tag of this key; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l session-policy -d 'Limit the session by this IAM policy' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l policy-arn -d 'Limit the session by this managed policy; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l region -d 'Ask AWS STS in this region [default: $AWS_REGION, $AWS_DEFAULT_REGION]' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -l sts-endpoint -d 'Ask AWS STS at this URL [default: $AWS_ENDPOINT_URL_STS, $AWS_ENDPOINT_URL, or the region\'s own]' -r
complete -c epicac -n "__fish_epicac_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -l profile -d 'A profile NAME that becomes the role ROLE_ARN; give it once for each role' -r
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -l region -d 'The region of the profiles' -r
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -l external-id -d 'The external id that the roles ask for' -r
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -l duration -d 'How long the credentials of the roles last: from 900 to 3600, the most for a role assumed by a role' -r
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -l chain -d 'Who assumes the roles: the SDK, from the profile of the pod\'s own role, or epicac itself' -r -f -a "sdk\t''
epicac\t''"
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -l path -d 'The path of the program for the application, where it is not the usual one' -r
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -l runtime -d 'What runs the component: epicac itself, or the wasmtime command line' -r -f -a "native\t''
wasmtime\t''"
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epicac -n "__fish_epicac_using_subcommand config; and not __fish_seen_subcommand_from check" -f -a "check" -d 'Tell what in an aws-config will not work with every SDK, line by line; run nothing'
complete -c epicac -n "__fish_epicac_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c epicac -n "__fish_epicac_using_subcommand doctor" -l policy -d 'Check, too, whether this environment is within the policy in FILE, and run within it' -r -F
complete -c epicac -n "__fish_epicac_using_subcommand doctor" -l json -d 'Print the verdicts as JSON (docs/doctor.md)'
complete -c epicac -n "__fish_epicac_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epicac -n "__fish_epicac_using_subcommand install" -l profile -d 'A profile NAME that becomes the role ROLE_ARN; give it once for each role' -r
complete -c epicac -n "__fish_epicac_using_subcommand install" -l region -d 'The region of the profiles' -r
complete -c epicac -n "__fish_epicac_using_subcommand install" -l external-id -d 'The external id that the roles ask for' -r
complete -c epicac -n "__fish_epicac_using_subcommand install" -l duration -d 'How long the credentials of the roles last: from 900 to 3600, the most for a role assumed by a role' -r
complete -c epicac -n "__fish_epicac_using_subcommand install" -l chain -d 'Who assumes the roles: the SDK, from the profile of the pod\'s own role, or epicac itself' -r -f -a "sdk\t''
epicac\t''"
complete -c epicac -n "__fish_epicac_using_subcommand install" -l path -d 'The path of the program for the application, where it is not the usual one' -r
complete -c epicac -n "__fish_epicac_using_subcommand install" -l config -d 'Write DIR/aws-config, too; so does --profile, --region and --path'
complete -c epicac -n "__fish_epicac_using_subcommand install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l listen -d 'Listen on this address, one of the loopback interface' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l policy -d 'Serve only if no profile takes what the policy in FILE does not grant' -r -F
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l token-file -d 'Write the token that callers have to send to FILE, for this user to read' -r -F
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l token-group -d 'Let the members of a group read FILE, too: of GID, or of the group that new files get in that folder' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l profile -d 'Serve this role at /v1/credentials/NAME, the first one at /v1/credentials, too. Options of the role follow it, and further --role-arn make a chain; what is before the first --profile belongs to each' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l role-arn -d 'Assume this role, and print its credentials; repeat it for a chain of roles' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l session-name -d 'Name the session of the role before it [default: $AWS_ROLE_SESSION_NAME, or epicac- and the host\'s name]' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l external-id -d 'Say the external id that the role\'s trust policy asks for' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l duration -d 'Ask for a session of 900 to 43200 seconds; in a chain, of at most 3600' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l source-identity -d 'Say who is behind the session; all further sessions keep it' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l tag -d 'Tag the session; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l transitive-tag -d 'Have further sessions keep the tag of this key; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l session-policy -d 'Limit the session by this IAM policy' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l policy-arn -d 'Limit the session by this managed policy; repeat it for more' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l region -d 'Ask AWS STS in this region [default: $AWS_REGION, $AWS_DEFAULT_REGION]' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l sts-endpoint -d 'Ask AWS STS at this URL [default: $AWS_ENDPOINT_URL_STS, $AWS_ENDPOINT_URL, or the region\'s own]' -r
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l wait -d 'Answer nobody before there are credentials for every profile'
complete -c epicac -n "__fish_epicac_using_subcommand serve" -l probe -d 'Ask the server of this address and FILE, and succeed if it has credentials'
complete -c epicac -n "__fish_epicac_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
