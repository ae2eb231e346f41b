;; Wants four gigabytes from the start.
(component
  (core module $code
    (memory (export "memory") 65536)
    (func (export "get-credentials") (result i32) (i32.const 0)))
  (core instance $program (instantiate $code))
  ;; kit/provider.wat
)
