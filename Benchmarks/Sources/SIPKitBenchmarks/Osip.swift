import Glibc

/// libosip2's parser, the C library of the same age and purpose, loaded while the program runs: where it is not
/// installed (Debian: libosip2-dev) the comparison is skipped by name.
struct Osip {
    private typealias Initialize = @convention(c) () -> CInt
    private typealias Create = @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> CInt
    private typealias Parse = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int) -> CInt
    private typealias Free = @convention(c) (UnsafeMutableRawPointer?) -> Void

    private let create: Create
    private let parse: Parse
    private let free: Free

    init?() {
        var library: UnsafeMutableRawPointer?
        for name in ["libosipparser2.so", "libosipparser2.so.15", "libosipparser2.so.14", "libosipparser2.so.12"]
        where library == nil { library = dlopen(name, RTLD_NOW) }
        guard let library, let initialize = dlsym(library, "parser_init"),
            let create = dlsym(library, "osip_message_init"),
            let parse = dlsym(library, "osip_message_parse"), let free = dlsym(library, "osip_message_free")
        else { return nil }
        _ = unsafeBitCast(initialize, to: Initialize.self)()
        self.create = unsafeBitCast(create, to: Create.self)
        self.parse = unsafeBitCast(parse, to: Parse.self)
        self.free = unsafeBitCast(free, to: Free.self)
    }

    /// Reads one message and throws it away; 0 when it was read.
    func read(_ bytes: [UInt8]) -> CInt {
        var message: UnsafeMutableRawPointer?
        guard self.create(&message) == 0 else { return -1 }
        let result = bytes.withUnsafeBufferPointer { self.parse(message, $0.baseAddress, $0.count) }
        self.free(message)
        return result
    }
}
