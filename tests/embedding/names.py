"""The component under linkers that offer its imports under other versions of WASI 0.2, and nothing else.

usage: names.py EPICAC_WASM VERSION…

Each import is a stub that ends the run when it is called: `transform` calls none. Prints what it says for
each version.
"""

import sys

from wasmtime import Engine, Store
from wasmtime.component import Component, FuncType, Linker, ResourceType

wasm, *versions = sys.argv[1:]
engine = Engine()
component = Component.from_file(engine, wasm)
document = b'{"AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2030-01-01T00:00:00+01:00"}'


def called(*_):
    raise RuntimeError("the component called an import")


def stubs(version):
    numbers = {}
    linker = Linker(engine)
    with linker.root() as root:
        for interface, extern in component.type.imports(engine).items():
            with root.add_instance(interface.replace("@0.2.0", f"@{version}")) as instance:
                for name, item in extern.ty.exports(engine).items():
                    if isinstance(item.ty, FuncType):
                        instance.add_func(name, called)
                    elif isinstance(item.ty, ResourceType):
                        # A resource keeps its number in each interface, and under its other names.
                        name_of = {"headers": "fields", "trailers": "fields"}.get(name, name)
                        number = numbers.setdefault(name_of, len(numbers))
                        instance.add_resource(name, ResourceType.host(number), called)
    return linker


def function(instance, store, interface, name):
    interface = instance.get_export_index(store, f"epicac:credentials/{interface}@0.1.0")
    return instance.get_func(store, instance.get_export_index(store, name, interface))


for version in versions:
    store = Store(engine)
    instance = stubs(version).instantiate(store, component)
    read = function(instance, store, "transform", "from-container")(store, document)
    print(version, function(instance, store, "transform", "to-process")(store, read.payload))
