import SIPKit

extension FunctionBodies {
    /// `lookup("location")`: turns the Request-URI into where its user is (FUNCTIONS.md §5); `lookup("location", "sip:…")`
    /// into where the user of that URI is.
    static let lookup = Body(
        { arguments, context in
            // A URI without a user is nobody's; no fault to write a log line about.
            guard let key = try? context.addressOfRecord(arguments) else { return .value(-1) }
            let table = context.table(arguments)
            return context.asks(key, table) ? .ask : context.lookUp(key, table)
        },
        resume: { arguments, answer, context in
            guard let key = try? context.addressOfRecord(arguments) else { return .value(-1) }
            guard case .rows(let rows) = answer else { return .value(-2) }
            let table = context.table(arguments)
            context.load(rows, of: key, into: table)
            return context.lookUp(key, table)
        })

    /// `registered("location")`: whether the Request-URI's user has a binding; nothing changes.
    static let registered = Body(
        { arguments, context throws(ParseError) in
            let key = try context.addressOfRecord(arguments)
            let table = context.table(arguments)
            return context.asks(key, table) ? .ask : context.isRegistered(key, table)
        },
        resume: { arguments, answer, context throws(ParseError) in
            guard case .rows(let rows) = answer else { return .no }
            let key = try context.addressOfRecord(arguments)
            let table = context.table(arguments)
            context.load(rows, of: key, into: table)
            return context.isRegistered(key, table)
        })
}

extension RouteContext {
    /// Whether the user's bindings have to be asked for first: the database is their only place.
    mutating func asks(_ key: [UInt8], _ table: LocationTable) -> Bool {
        guard self.shared.persistence.isDatabaseOnly, let rows = self.shared.persistence.rows(of: table) else {
            return false
        }
        self.question = .rows(rows.load(key))
        return true
    }

    fileprivate mutating func isRegistered(_ key: [UInt8], _ table: LocationTable) -> FunctionResult {
        let now = self.wallTime
        let isThere = table.withRecord(key) { record in record.bindings.contains { !$0.isExpired(at: now) } }
        return isThere == true ? .yes : .no
    }

    fileprivate mutating func lookUp(_ key: [UInt8], _ table: LocationTable) -> FunctionResult {
        let now = self.wallTime
        let settings = self.shared.settings.registrar
        var found = false
        var known = false
        // The context is changed while the record is looked at, so nothing of the record is copied twice.
        withUnsafeMutablePointer(to: &self) { context in
            _ = table.withRecord(key) { record in
                known = true
                for place in record.bindings.indices where !record.bindings[place].isExpired(at: now) {
                    if settings.natFlag >= 0, record.bindings[place].flags & (1 << UInt32(settings.natFlag)) != 0 {
                        context.pointee.flags |= 1 << UInt32(settings.natFlag)
                    }
                    if !found {
                        found = true
                        context.pointee.setRequestURI(record.bindings[place].uri)
                        context.pointee.contactSocket = record.bindings[place].socket
                        context.pointee.ownBranchFlags |=
                            record.bindings[place].flags & settings.keptBranchFlags
                        if !record.bindings[place].received.isEmpty {
                            context.pointee.setDestinationURI(record.bindings[place].received)
                        }
                        if settings.usesPath, !record.bindings[place].path.isEmpty {
                            context.pointee.path = record.bindings[place].path
                            context.pointee.setDestinationURI(Self.firstHop(of: record.bindings[place].path))
                        }
                        if !settings.appendBranches { return }
                        continue
                    }
                    let binding = record.bindings[place]
                    let path = settings.usesPath ? binding.path : []
                    if !context.pointee.appended.append(
                        uri: binding.uri, destinationURI: path.isEmpty ? binding.received : Self.firstHop(of: path),
                        q: binding.q, flags: binding.flags, path: path, socket: binding.socket)
                    {
                        return
                    }
                }
            }
        }
        return found ? .yes : .value(known ? -5 : -3)
    }

    /// The URI of the first proxy on the way to a binding (RFC 3327 §5.2); the registrar has read the list before.
    static func firstHop(of path: [UInt8]) -> [UInt8] {
        var cursor = ByteCursor(path.span, ByteRange(0, path.count))
        guard let address = try? AddressRanges(parsing: &cursor) else { return [] }
        return path.span.copy(address.uri)
    }
}
