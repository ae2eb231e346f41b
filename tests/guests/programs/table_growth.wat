;; Grows a table without end.
(component
  (core module $code
    (memory (export "memory") 1)
    (table $table 0 funcref)
    (func (export "get-credentials") (result i32)
      (loop $again
        (br_if $again
          (i32.ne (i32.const -1) (table.grow $table (ref.null func) (i32.const 1000)))))
      (i32.const 0)))
  (core instance $program (instantiate $code))
  ;; kit/provider.wat
)
