  ;; The `provider` of wit/, of a $program that exports its memory and `get-credentials`. As every type of an
  ;; exported function has a name, a component in between gives them theirs.
  (type $datetime (record (field "seconds" u64) (field "nanoseconds" u32)))
  (type $credentials (record
    (field "access-key-id" string)
    (field "secret-access-key" string)
    (field "session-token" string)
    (field "expiration" $datetime)
    (field "account-id" (option string))))
  (type $cause (enum
    "no-endpoint" "invalid-endpoint" "invalid-token" "request-denied" "unreachable" "refused"
    "invalid-response" "expired" "invalid-credentials" "invalid-role" "sts-unreachable" "sts-refused"
    "invalid-sts-response"))
  (type $error (record
    (field "cause" $cause)
    (field "message" string)
    (field "status" (option u16))))
  (func $get-credentials (result (result $credentials (error $error)))
    (canon lift (core func $program "get-credentials") (memory $program "memory")))
  (component $named
    (alias outer 1 $datetime (type $its-datetime))
    (import "its-datetime" (type $datetime (eq $its-datetime)))
    (type $its-credentials (record
      (field "access-key-id" string)
      (field "secret-access-key" string)
      (field "session-token" string)
      (field "expiration" $datetime)
      (field "account-id" (option string))))
    (import "its-credentials" (type $credentials (eq $its-credentials)))
    (alias outer 1 $cause (type $its-cause))
    (import "its-cause" (type $cause (eq $its-cause)))
    (type $its-error (record
      (field "cause" $cause)
      (field "message" string)
      (field "status" (option u16))))
    (import "its-error" (type $error (eq $its-error)))
    (import "its-function" (func $get-credentials (result (result $credentials (error $error)))))
    (export $named-datetime "datetime" (type $its-datetime))
    (type $with-datetime (record
      (field "access-key-id" string)
      (field "secret-access-key" string)
      (field "session-token" string)
      (field "expiration" $named-datetime)
      (field "account-id" (option string))))
    (export $named-credentials "credentials" (type $with-datetime))
    (export $named-cause "cause" (type $its-cause))
    (type $with-cause (record
      (field "cause" $named-cause)
      (field "message" string)
      (field "status" (option u16))))
    (export $named-error "error" (type $with-cause))
    (export "get-credentials" (func $get-credentials)
      (func (result (result $named-credentials (error $named-error))))))
  (instance $provider (instantiate $named
    (with "its-datetime" (type $datetime))
    (with "its-credentials" (type $credentials))
    (with "its-cause" (type $cause))
    (with "its-error" (type $error))
    (with "its-function" (func $get-credentials))))
  (export "epicac:credentials/provider@0.1.0" (instance $provider))
