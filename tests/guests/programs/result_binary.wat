;; Fails with a message that is no text.
(component
  (core module $code
    (memory (export "memory") 1)
    ;; It failed, by the cause 0, with a message of two bytes behind the result.
    (data (i32.const 0) "\01\00\00\00\00\00\00\00\00\00\00\00\20\00\00\00\02")
    (data (i32.const 32) "\ff\fe")
    (func (export "get-credentials") (result i32) (i32.const 0)))
  (core instance $program (instantiate $code))
  ;; kit/provider.wat
)
