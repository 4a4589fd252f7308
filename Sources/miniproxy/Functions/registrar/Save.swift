import SIPKit

extension FunctionBodies {
    /// `save("location")`: does what a REGISTER asks for and answers it (FUNCTIONS.md §5).
    static let save = Body { arguments, context in
        guard context.index.method == .register else { return .no }
        // A registrar answers for itself, so what Require asks for is asked of it (RFC 3261 §10.3 step 2).
        var unsupported: [UInt8] = []
        context.appendUnsupported(.require, except: "path", to: &unsupported)
        guard unsupported.isEmpty else {
            context.reply(420, "Bad Extension", headers: unsupported)
            return .stop
        }
        let table = context.table(arguments)
        do throws(Registrar.Refusal) {
            let contacts = try Registrar.save(context, in: table, received: context.receivedURI)
            context.reply(200, "OK", headers: contacts)
            return .yes
        } catch {
            var headers: [UInt8] = []
            headers.append("P-Registrar-Error: ")
            headers.append(error.detail)
            headers.append("\r\n")
            if error.status == 503, context.shared.settings.registrar.retryAfter > 0 {
                headers.append("Retry-After: ")
                headers.append(decimal: UInt64(context.shared.settings.registrar.retryAfter))
                headers.append("\r\n")
            }
            context.reply(error.status, error.reason, headers: headers)
            return .stop
        }
    }
}

extension RouteContext {
    /// The table that a function's first argument names.
    mutating func table(_ arguments: borrowing PreparedArguments) -> LocationTable {
        guard arguments.count > 0 else { return self.shared.location.location }
        return self.shared.location.named(arguments.text(0))
    }

    /// The key of the current Request-URI in a location table.
    mutating func addressOfRecord() throws(ParseError) -> [UInt8] {
        if self.isRewritten {
            return try AddressOfRecord.key(
                self.rewrittenURI.span, ByteRange(0, self.rewrittenURI.count), self.shared.settings.registrar,
                selves: self.shared.selves)
        }
        if let parts = self.requestURIParts() {
            return try AddressOfRecord.key(
                self.memory.span, parts, self.shared.settings.registrar, selves: self.shared.selves)
        }
        return try AddressOfRecord.key(
            self.memory.span, self.index.requestURI, self.shared.settings.registrar, selves: self.shared.selves)
    }
}
