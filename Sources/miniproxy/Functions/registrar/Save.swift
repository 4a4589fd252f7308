import SIPKit

extension FunctionBodies {
    /// `save("location")`: does what a REGISTER asks for and answers it (FUNCTIONS.md §5).
    ///
    /// With a database that is written through (`db_mode` 1), the answer waits until what it says is on the disk; with
    /// one that is the only place (3), the user's bindings come from there first.
    static let save = Body(
        { arguments, context in context.save(arguments, Registrar.Options(arguments)) },
        resume: { arguments, answer, context in context.saveOn(arguments, Registrar.Options(arguments), answer) })

    /// `save_noreply("location")`: the script answers.
    static let saveNoReply = Body(
        { arguments, context in context.save(arguments, .noReply) },
        resume: { arguments, answer, context in context.saveOn(arguments, .noReply, answer) })

    /// `save_memory("location")`: the contacts go into no database, and are gone with a restart.
    static let saveMemory = Body(
        { arguments, context in context.save(arguments, .memoryOnly) },
        resume: { arguments, answer, context in context.saveOn(arguments, .memoryOnly, answer) })

    /// `unregister("location", "sip:bob@example.org")`: takes all contacts of a user away.
    static let unregister = Body(
        { arguments, context throws(ParseError) in
            let key = try context.addressOfRecord(arguments)
            let table = context.table(arguments)
            return context.asks(key, table) ? .ask : context.unregister(key, table)
        },
        resume: { arguments, answer, context throws(ParseError) in
            switch answer {
            case .saved: return .yes
            case .rows(let rows):
                let key = try context.addressOfRecord(arguments)
                let table = context.table(arguments)
                context.load(rows, of: key, into: table)
                return context.unregister(key, table)
            default: return .no
            }
        })
}

extension Registrar.Options {
    /// The second argument of `save()`: a number, as Kamailio writes it (`0x02`); other bits mean nothing here.
    fileprivate init(_ arguments: borrowing PreparedArguments) {
        guard arguments.count > 1 else {
            self = []
            return
        }
        let text = String(decoding: arguments.text(1), as: UTF8.self)
        let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
        self = Registrar.Options(rawValue: (number ?? 0) & 7)
    }
}

extension RouteContext {
    fileprivate mutating func save(
        _ arguments: borrowing PreparedArguments, _ options: Registrar.Options
    ) -> FunctionResult {
        guard self.index.method == .register else { return .no }
        // A registrar answers for itself, so what Require asks for is asked of it (RFC 3261 §10.3 step 2).
        var unsupported: [UInt8] = []
        if self.index.contains(.require) { self.appendUnsupported(.require, except: "path", to: &unsupported) }
        guard unsupported.isEmpty else {
            if options.contains(.noReply) { return .no }
            self.reply(420, "Bad Extension", headers: unsupported)
            return .stop
        }
        let table = self.table(arguments)
        do throws(Registrar.Refusal) {
            let key = try self.registrationKey(arguments)
            return self.asks(key, table) ? .ask : try self.register(key, in: table, options)
        } catch {
            return self.refuseRegistration(error, options)
        }
    }

    fileprivate mutating func saveOn(
        _ arguments: borrowing PreparedArguments, _ options: Registrar.Options, _ answer: Answer
    ) -> FunctionResult {
        let table = self.table(arguments)
        do throws(Registrar.Refusal) {
            switch answer {
            case .rows(let rows):
                let key = try self.registrationKey(arguments)
                self.load(rows, of: key, into: table)
                return try self.register(key, in: table, options)
            case .saved:
                if !options.contains(.noReply) { self.reply(200, "OK", headers: self.contactLines) }
                self.contactLines = []
                return .yes
            default:
                throw Registrar.Refusal(
                    status: 503, reason: "Service Unavailable", detail: "usrloc_update failed")
            }
        } catch {
            return self.refuseRegistration(error, options)
        }
    }

    /// Of the URI that the third argument names, else of To.
    private mutating func registrationKey(_ arguments: borrowing PreparedArguments) throws(Registrar.Refusal) -> [UInt8]
    {
        guard arguments.count > 2 else { return try Registrar.key(self) }
        let uri = arguments.text(2)
        do {
            return try AddressOfRecord.key(uri.span, ByteRange(0, uri.count), self.shared)
        } catch {
            throw .bad("Error while parsing AOR")
        }
    }

    /// Changes the bindings, and answers at once or when they are durable.
    private mutating func register(
        _ key: [UInt8], in table: LocationTable, _ options: Registrar.Options
    ) throws(Registrar.Refusal) -> FunctionResult {
        let contacts = try Registrar.save(self, key, in: table, received: self.receivedURI, options)
        // Also a repeat that changes nothing waits, when what it would be told is not on the disk yet.
        if self.shared.persistence.isWrittenThrough, let change = table.change(of: key) {
            self.contactLines = contacts
            self.question = .save(change)
            return .ask
        }
        if !options.contains(.noReply) { self.reply(200, "OK", headers: contacts) }
        return .yes
    }

    /// Takes all contacts of a user away.
    fileprivate mutating func unregister(_ key: [UInt8], _ table: LocationTable) -> FunctionResult {
        guard table.withRecord(key, { record in !record.bindings.isEmpty }) == true else { return .no }
        table.update(key, now: self.wallTime) { record, order in
            record.remove(&order) { _ in true }
            if !table.isPersistent { record.removals.removeAll() }
        }
        guard self.shared.persistence.isWrittenThrough, let change = table.change(of: key) else { return .yes }
        self.question = .save(change)
        return .ask
    }

    private mutating func refuseRegistration(
        _ refusal: Registrar.Refusal, _ options: Registrar.Options
    ) -> FunctionResult {
        if "\(refusal.detail)" == "\(LocationRows.noPath)" {
            self.log(
                -1,
                Array(
                    "save: a REGISTER came with Path, and the table of contacts has no column for it; it is refused"
                        .utf8))
        }
        if options.contains(.noReply) { return .no }
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

    /// The key of the URI that a function's second argument names, else of the current Request-URI.
    mutating func addressOfRecord(_ arguments: borrowing PreparedArguments) throws(ParseError) -> [UInt8] {
        guard arguments.count > 1 else { return try self.addressOfRecord() }
        let uri = arguments.text(1)
        return try AddressOfRecord.key(uri.span, ByteRange(0, uri.count), self.shared)
    }

    /// The key of the current Request-URI in a location table.
    mutating func addressOfRecord() throws(ParseError) -> [UInt8] {
        if self.isRewritten {
            return try AddressOfRecord.key(self.rewrittenURI.span, ByteRange(0, self.rewrittenURI.count), self.shared)
        }
        if let parts = self.requestURIParts() {
            return try AddressOfRecord.key(self.memory.span, parts, self.shared)
        }
        return try AddressOfRecord.key(self.memory.span, self.index.requestURI, self.shared)
    }
}
