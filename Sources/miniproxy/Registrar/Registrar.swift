import SIPKit

/// What a REGISTER asks for, and doing it (RFC 3261 §10.3, FUNCTIONS.md §5).
///
/// All contacts are read before the first binding is touched: a request that is refused has changed nothing.
struct Registrar {
    /// Why a REGISTER is refused.
    struct Refusal: Error, Equatable {
        var status: Int
        var reason: StaticString
        /// For the P-Registrar-Error header.
        var detail: StaticString

        static func == (left: Refusal, right: Refusal) -> Bool {
            left.status == right.status && "\(left.detail)" == "\(right.detail)"
        }
        static func bad(_ detail: StaticString) -> Refusal {
            Refusal(status: 400, reason: "Bad Request", detail: detail)
        }
    }

    /// What `save()` and its relatives do otherwise (FUNCTIONS.md §5).
    struct Options: OptionSet {
        let rawValue: Int
        /// No database gets to know.
        static let memoryOnly = Options(rawValue: 1)
        static let noReply = Options(rawValue: 2)
        /// What this request does not name goes.
        static let singleContact = Options(rawValue: 4)
    }

    private struct Wanted: BitwiseCopyable {
        var uri: ByteRange
        var expires: UInt32
        var q: Int16
    }

    /// Does what the REGISTER asks for.
    ///
    /// - Returns: the lines of the answer: one Contact with all bindings, or nothing.
    static func save(
        _ context: borrowing RouteContext, _ key: [UInt8], in table: LocationTable, received: [UInt8],
        _ options: Options = []
    ) throws(Refusal) -> [UInt8] {
        let settings = context.shared.settings.registrar
        let bytes = context.memory.span
        let (wanted, isStar) = try Self.contacts(context, settings)
        let path = settings.usesPath ? Self.path(context) : []
        if let rows = context.shared.persistence.rows(of: table) {
            // Text that is none, or longer than its column, could not be told from another after a restart.
            let contacts = wanted.map { bytes.copy($0.uri) }
            for text in [key] + contacts where text.contains(0) || String(validating: text, as: UTF8.self) == nil {
                throw .bad("Address is no UTF-8")
            }
            if let detail = rows.refusal(key: key, contacts: contacts, path: path) { throw .bad(detail) }
        }
        let now = context.wallTime
        let callID = context.callID
        let cSeq = context.cSeq.number
        let userAgent = context.index.first(.userAgent)
        let socket = SendSocket(context.destination, context.peer.transport)
        let natFlag: UInt32 = settings.natFlag >= 0 ? 1 << UInt32(settings.natFlag) : 0
        let flags =
            context.flags & (natFlag | settings.keptFlags) | context.ownBranchFlags & settings.keptBranchFlags
        var refusal: Refusal?
        let answer: [UInt8] = table.update(key, now: now) { record, order in
            record.bindings.removeAll { $0.isExpired(at: now) }
            if isStar {
                record.remove(&order) { !(Self.same(bytes, callID, $0.callID) && $0.cSeq >= cSeq) }
                if !table.isPersistent { record.removals.removeAll() }
                return Self.contactLine(record, now, settings)
            }
            if options.contains(.singleContact), wanted.contains(where: { $0.expires > 0 }) {
                record.remove(&order) { binding in !wanted.contains { Self.same(bytes, $0.uri, binding.uri) } }
            }
            // Over the limit? Counted before anything is changed.
            var additions = 0
            for item in wanted
            where item.expires > 0 && !record.bindings.contains(where: { Self.same(bytes, item.uri, $0.uri) }) {
                additions += 1
            }
            let limit =
                settings.maxContacts > 0
                ? Swift.min(settings.maxContacts, LocationTable.bindingsPerUser) : LocationTable.bindingsPerUser
            if additions > 0, record.bindings.count + additions > limit {
                refusal = Refusal(status: 503, reason: "Service Unavailable", detail: "Too many registered contacts")
                return []
            }
            for item in wanted {
                let place = record.bindings.firstIndex { Self.same(bytes, item.uri, $0.uri) }
                if let place {
                    // An older request that was overtaken changes nothing; the answer is the state as it is.
                    if Self.same(bytes, callID, record.bindings[place].callID), record.bindings[place].cSeq >= cSeq {
                        continue
                    }
                    if item.expires == 0 {
                        record.remove(&order) { Self.same(bytes, item.uri, $0.uri) }
                        continue
                    }
                }
                guard item.expires > 0 else { continue }
                order += 1
                let expires = now + Int64(item.expires)
                if let place {
                    record.bindings[place].expires = expires
                    record.bindings[place].q = item.q
                    record.bindings[place].cSeq = cSeq
                    record.bindings[place].order = order
                    record.bindings[place].flags = flags
                    record.bindings[place].modified = now
                    if !Self.same(bytes, callID, record.bindings[place].callID) {
                        record.bindings[place].callID = bytes.copy(callID)
                    }
                    if record.bindings[place].received != received { record.bindings[place].received = received }
                    if let userAgent, !Self.same(bytes, userAgent, record.bindings[place].userAgent) {
                        record.bindings[place].userAgent = bytes.copy(userAgent)
                    }
                    if record.bindings[place].path != path { record.bindings[place].path = path }
                    record.bindings[place].socket = socket
                    record.bindings[place].isVolatile = options.contains(.memoryOnly)
                } else {
                    record.bindings.append(
                        Binding(
                            uri: bytes.copy(item.uri), expires: expires, q: item.q, callID: bytes.copy(callID),
                            cSeq: cSeq,
                            order: order, flags: flags, received: received, path: path,
                            userAgent: userAgent.map { bytes.copy($0) } ?? [], socket: socket,
                            isVolatile: options.contains(.memoryOnly), modified: now))
                }
            }
            record.sort(byTime: settings.descTimeOrder)
            if !table.isPersistent { record.removals.removeAll() }
            return Self.contactLine(record, now, settings)
        }
        if let refusal { throw refusal }
        guard !path.isEmpty, !answer.isEmpty else { return answer }
        // The phone learns what was put into its way (RFC 3327 §5.3).
        return answer + Array("Path: ".utf8) + path + Array("\r\n".utf8)
    }

    /// The values of all Path lines in one list; empty where there is none, and where one is no list of addresses.
    private static func path(_ context: borrowing RouteContext) -> [UInt8] {
        let bytes = context.memory.span
        var path: [UInt8] = []
        var slot = context.index.firstSlot(.path)
        while let place = slot {
            let value = context.index.slots[place].value
            var cursor = ByteCursor(bytes, value)
            while !cursor.isAtEnd {
                guard let address = try? AddressRanges(parsing: &cursor),
                    (try? URIRanges(parsing: bytes, address.uri)) != nil
                else { return [] }
                if !path.isEmpty { path.append(ASCII.comma) }
                path += bytes.copy(address.whole)
            }
            slot = context.index.nextSlot(after: place)
        }
        return path
    }

    /// The key of the user whose bindings a REGISTER is about: the one in To.
    static func key(_ context: borrowing RouteContext) throws(Refusal) -> [UInt8] {
        do {
            return try AddressOfRecord.key(context.memory.span, context.to.uri, context.shared)
        } catch {
            switch error.kind {
            case .missing: throw .bad("No username in To URI")
            case .tooLarge: throw .bad("Address Of Record too long")
            default: throw .bad("Error while parsing AOR")
            }
        }
    }

    /// Reads every Contact; `isStar` for `Contact: *`.
    private static func contacts(
        _ context: borrowing RouteContext, _ settings: RegistrarSettings
    ) throws(Refusal) -> (wanted: [Wanted], isStar: Bool) {
        let bytes = context.memory.span
        let common = context.index.first(.expires).map { DeltaSeconds(parsing: bytes, $0)?.seconds }
        if case .some(nil) = common { throw .bad("Expires parse error") }
        let header = common ?? nil
        var wanted: [Wanted] = []
        var isStar = false
        var slot = context.index.firstSlot(.contact)
        while let place = slot {
            let value = context.index.slots[place].value
            if value.count == 1, bytes[value.start] == ASCII.star {
                guard header == 0 else { throw .bad("* used in contact and expires is not zero") }
                isStar = true
            } else {
                var cursor = ByteCursor(bytes, value)
                while !cursor.isAtEnd {
                    guard let address = try? AddressRanges(parsing: &cursor),
                        (try? URIRanges(parsing: bytes, address.uri)) != nil
                    else { throw .bad("Contact parse error") }
                    wanted.append(try Self.wanted(bytes, address, header, settings))
                    guard wanted.count <= LocationTable.bindingsPerUser else {
                        throw Refusal(
                            status: 503, reason: "Service Unavailable", detail: "Too many registered contacts")
                    }
                }
            }
            slot = context.index.nextSlot(after: place)
        }
        if isStar, !wanted.isEmpty { throw .bad("* used in contact and more than 1 contact") }
        return (wanted, isStar)
    }

    private static func wanted(
        _ bytes: Span<UInt8>, _ address: AddressRanges, _ header: UInt32?, _ settings: RegistrarSettings
    ) throws(Refusal) -> Wanted {
        var expires = header ?? settings.defaultExpires
        if let own = address.parameter("expires", in: bytes) {
            // RFC 3261 §20.10: what is malformed counts as 3600.
            expires = DeltaSeconds(parsing: bytes, own)?.seconds ?? 3600
        }
        if expires > 0 {
            expires = Swift.max(expires, settings.minExpires)
            if settings.maxExpires > 0 { expires = Swift.min(expires, settings.maxExpires) }
        }
        var q = settings.defaultQ
        if let text = address.parameter("q", in: bytes) {
            guard let value = QValue(parsing: bytes, text) else { throw .bad("Invalid q param in contact") }
            q = value.thousandths
        }
        return Wanted(uri: address.uri, expires: expires, q: q)
    }

    /// `Contact: <uri>;q=0.5;expires=3600, …` with its line end; nothing when there is no binding.
    private static func contactLine(
        _ record: borrowing LocationTable.Record, _ now: Int64, _ settings: borrowing RegistrarSettings
    ) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(record.bindings.reduce(16) { $0 + $1.uri.count + $1.received.count + 64 })
        for place in record.bindings.indices {
            let binding = record.bindings[place]
            line.append(line.isEmpty ? "Contact: <" as StaticString : ", <")
            line += binding.uri
            line.append(ASCII.greater)
            if binding.q >= 0 {
                line.append(";q=")
                QValue(thousandths: binding.q).append(to: &line)
            }
            line.append(";expires=")
            line.append(decimal: UInt64(clamping: binding.expires == .max ? 0 : binding.expires - now))
            if !binding.received.isEmpty {
                line.append(ASCII.semicolon)
                line += settings.receivedParameter
                line.append("=\"")
                line += binding.received
                line.append(ASCII.quote)
            }
        }
        if !line.isEmpty { line.append("\r\n") }
        return line
    }

    @inline(__always)
    static func same(_ bytes: Span<UInt8>, _ range: ByteRange, _ text: [UInt8]) -> Bool {
        bytes.equals(range, text.span, ByteRange(0, text.count))
    }
}
