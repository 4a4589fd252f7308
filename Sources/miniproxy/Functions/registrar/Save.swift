import SIPKit

extension FunctionBodies {
    /// `save("location")`: does what a REGISTER asks for and answers it (FUNCTIONS.md §5).
    ///
    /// With a database that is written through (`db_mode` 1), the answer waits until what it says is on the disk; with
    /// one that is the only place (3), the user's bindings come from there first.
    static let save = Body(
        { arguments, context in
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
                let key = try Registrar.key(context)
                if context.shared.persistence.isDatabaseOnly, let rows = context.shared.persistence.rows(of: table) {
                    context.question = .rows(rows.load(key))
                    return .ask
                }
                return try context.register(key, in: table)
            } catch {
                return context.refuseRegistration(error)
            }
        },
        resume: { arguments, answer, context in
            let table = context.table(arguments)
            do throws(Registrar.Refusal) {
                switch answer {
                case .rows(let rows):
                    let key = try Registrar.key(context)
                    context.load(rows, of: key, into: table)
                    return try context.register(key, in: table)
                case .saved:
                    context.reply(200, "OK", headers: context.contactLines)
                    context.contactLines = []
                    return .yes
                default:
                    throw Registrar.Refusal(
                        status: 503, reason: "Service Unavailable", detail: "usrloc_update failed")
                }
            } catch {
                return context.refuseRegistration(error)
            }
        })
}

extension RouteContext {
    /// Changes the bindings, and answers at once or when they are durable.
    fileprivate mutating func register(_ key: [UInt8], in table: LocationTable) throws(Registrar.Refusal)
        -> FunctionResult
    {
        let contacts = try Registrar.save(self, key, in: table, received: self.receivedURI)
        // Also a repeat that changes nothing waits, when what it would be told is not on the disk yet.
        if self.shared.persistence.isWrittenThrough, let change = table.change(of: key) {
            self.contactLines = contacts
            self.question = .save(change)
            return .ask
        }
        self.reply(200, "OK", headers: contacts)
        return .yes
    }

    fileprivate mutating func refuseRegistration(_ refusal: Registrar.Refusal) -> FunctionResult {
        var headers: [UInt8] = []
        headers.append("P-Registrar-Error: ")
        headers.append(refusal.detail)
        headers.append("\r\n")
        var retryAfter = self.shared.settings.registrar.retryAfter
        // A phone that is told nothing would try again at once, and so would all others.
        if retryAfter == 0, "\(refusal.detail)" == "usrloc_update failed" { retryAfter = 10 }
        if refusal.status == 503, retryAfter > 0 {
            headers.append("Retry-After: ")
            headers.append(decimal: UInt64(retryAfter))
            headers.append("\r\n")
        }
        self.reply(refusal.status, refusal.reason, headers: headers)
        return .stop
    }

    /// Puts what the database has into the table.
    mutating func load(_ rows: [[[UInt8]]], of key: [UInt8], into table: LocationTable) {
        guard let format = self.shared.persistence.rows(of: table) else { return }
        let bindings = rows.compactMap { row in format.binding(row, now: self.wallTime)?.binding }
        table.load([key: bindings], byTime: self.shared.settings.registrar.descTimeOrder, now: self.wallTime)
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
