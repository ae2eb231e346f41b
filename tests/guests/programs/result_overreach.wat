;; Fails with a message that lies beyond its memory.
(component
  (core module $code
    (memory (export "memory") 1)
    ;; It failed, by the cause 0, with a message at the last byte and of 256 bytes.
    (data (i32.const 0) "\01\00\00\00\00\00\00\00\00\00\00\00\ff\ff\00\00\00\01")
    (func (export "get-credentials") (result i32) (i32.const 0)))
  (core instance $program (instantiate $code))
  ;; kit/provider.wat
)
