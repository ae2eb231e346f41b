;; Loops without end before anything of it is called.
(component
  (core module $code
    (memory (export "memory") 1)
    (func $loop (loop $again (br $again)))
    (start $loop)
    (func (export "get-credentials") (result i32) (i32.const 0)))
  (core instance $program (instantiate $code))
  ;; kit/provider.wat
)
