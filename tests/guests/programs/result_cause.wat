;; Fails with a cause that does not exist.
(component
  (core module $code
    (memory (export "memory") 1)
    ;; It failed, by the cause 13: the last one is 12.
    (data (i32.const 0) "\01\00\00\00\00\00\00\00\0d")
    (func (export "get-credentials") (result i32) (i32.const 0)))
  (core instance $program (instantiate $code))
  ;; kit/provider.wat
)
