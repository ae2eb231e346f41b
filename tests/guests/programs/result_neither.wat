;; Neither fails nor gives credentials.
(component
  (core module $code
    (memory (export "memory") 1)
    (data (i32.const 0) "\02")
    (func (export "get-credentials") (result i32) (i32.const 0)))
  (core instance $program (instantiate $code))
  ;; kit/provider.wat
)
