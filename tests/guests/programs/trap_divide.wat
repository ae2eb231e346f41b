;; Divides by zero, as the machine does it.
(component
  (core module $code
    (memory (export "memory") 1)
    (func (export "get-credentials") (result i32) (i32.div_u (i32.const 1) (i32.const 0))))
  (core instance $program (instantiate $code))
  ;; kit/provider.wat
)
