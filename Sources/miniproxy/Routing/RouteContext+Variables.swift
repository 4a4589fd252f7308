import SIPKit

/// The variables of scripts, read from the message and written to it (LANGUAGE.md §14).
extension RouteContext {
    mutating func value(of variable: ScriptVariable) -> ScriptValue {
        switch variable.name {
        case .null: return .null
        case .script(let name): return self.variables.first { $0.name == name }?.value ?? .number(0)
        case .attribute(let name): return self.attribute(name, variable.index)
        case .header(let name):
            let slots = self.slots(named: name)
            let place =
                switch variable.index {
                case .first, .all: 0
                case .at(let number): number < 0 ? slots.count + number : number
                }
            guard slots.indices.contains(place) else { return .null }
            return .text(self.memory.span.copy(self.index.slots[slots[place]].value))
        case .known(let known): return self.value(of: known)
        }
    }

    private func attribute(_ name: AttributeList.Name, _ index: ScriptVariable.Index) -> ScriptValue {
        let place =
            switch index {
            case .first, .all: 0
            case .at(let number): number
            }
        let all = self.attributes.all(name)
        let wanted = place < 0 ? all.count + place : place
        guard all.indices.contains(wanted) else { return .null }
        return switch all[wanted] {
        case .number(let number): .number(number)
        case .text(let text): .text(text)
        }
    }

    private func text(_ range: ByteRange) -> ScriptValue {
        range.isEmpty ? .null : .text(self.memory.span.copy(range))
    }

    private func text(_ header: HeaderID) -> ScriptValue { self.index.first(header).map(self.text) ?? .null }

    private func address(_ address: SocketAddress) -> ScriptValue {
        .text(Array(String(describing: address.ip.unmapped).utf8))
    }

    private mutating func value(of known: ScriptVariable.Known) -> ScriptValue {
        switch known {
        case .requestURI: return self.index.isRequest ? .text(self.requestURIBytes) : .null
        case .requestUser, .requestHost, .requestPort, .requestTransport, .requestScheme:
            return self.index.isRequest ? Self.part(known, of: self.requestURIBytes) : .null
        case .originalURI: return self.index.isRequest ? self.text(self.index.requestURI) : .null
        case .originalUser, .originalHost, .originalPort:
            return self.index.isRequest ? Self.part(known, of: self.memory.span.copy(self.index.requestURI)) : .null
        case .method: return self.text(self.index.isRequest ? self.index.methodRange : self.cSeq.methodRange)
        case .status: return self.status > 0 ? .number(self.status) : .null
        case .reason: return self.index.isRequest ? .null : self.text(self.index.reason)
        case .fromURI: return self.text(self.from.uri)
        case .fromUser, .fromHost: return Self.part(known, of: self.memory.span.copy(self.from.uri))
        case .fromName: return self.text(self.from.displayName)
        case .fromTag: return self.text(self.from.tag)
        case .toURI: return self.text(self.to.uri)
        case .toUser, .toHost: return Self.part(known, of: self.memory.span.copy(self.to.uri))
        case .toName: return self.text(self.to.displayName)
        case .toTag: return self.text(self.to.tag)
        case .callID: return self.text(self.callID)
        case .sequence: return .number(Int(self.cSeq.number))
        case .contact: return self.text(.contact)
        case .contentType: return self.text(.contentType)
        case .contentLength: return self.text(.contentLength)
        case .body: return self.text(self.index.body(self.memory.span))
        case .userAgent: return self.text(.userAgent)
        case .sourceAddress: return self.address(self.peer.address)
        case .sourcePort: return .number(Int(self.peer.address.port))
        case .receivedAddress: return self.address(self.destination)
        case .receivedPort: return .number(Int(self.destination.port))
        case .transport: return .text(Self.lower(self.peer.transport))
        case .family: return .text(Array((self.peer.address.ip.unmapped.family == .v6 ? "INET6" : "INET").utf8))
        case .destinationURI: return self.destinationURI.isEmpty ? .null : .text(self.destinationURI)
        case .destinationHost, .destinationPort:
            return self.destinationURI.isEmpty ? .null : Self.part(known, of: self.destinationURI)
        case .messageKind: return .number(self.index.isRequest ? 1 : 2)
        case .messageNumber: return .number(self.messageNumber)
        case .messageLength: return .number(self.memory.count)
        case .messageText: return .text(self.memory.span.copy(ByteRange(0, self.memory.count)))
        case .messageFlags: return .number(Int(self.flags))
        case .processID: return .number(Int(self.shared.processID))
        case .seconds: return .number(Int(self.wallTime))
        case .time:
            var writer = ByteWriter()
            SIPDate(secondsSince1970: self.wallTime).write(to: &writer)
            return .text(writer.bytes)
        case .returnCode: return .number(Int(self.returnCode))
        case .authorizedUser: return self.authorizedUser.isEmpty ? .null : .text(self.authorizedUser)
        case .branchNumber: return self.block == .branch ? .number(self.branchNumber) : .null
        case .replyCode: return self.status > 0 ? .number(self.status) : .null
        }
    }

    private static func lower(_ transport: TransportProtocol) -> [UInt8] {
        var name: [UInt8] = []
        name.append(transport.parameterName)
        return name
    }

    /// User, host, port and so on; nothing for a URI that cannot be read. A URI without a user has an empty one.
    private static func part(_ known: ScriptVariable.Known, of text: [UInt8]) -> ScriptValue {
        guard let uri = try? URIRanges(parsing: text.span, ByteRange(0, text.count)) else { return .null }
        func copy(_ range: ByteRange) -> ScriptValue { range.isEmpty ? .null : .text(text.span.copy(range)) }
        switch known {
        case .requestUser, .originalUser, .fromUser, .toUser: return copy(uri.user)
        case .requestHost, .originalHost, .fromHost, .toHost, .destinationHost: return copy(uri.host)
        case .requestPort, .originalPort, .destinationPort:
            return .number(Int(uri.port ?? (uri.scheme == .sips ? 5061 : 5060)))
        case .requestTransport:
            if let name = uri.parameter("transport", in: text.span) { return copy(name) }
            return .text(Self.lower(uri.scheme == .sips ? .tls : .udp))
        case .requestScheme: return copy(uri.schemeName)
        default: return .null
        }
    }

    // MARK: Writing

    mutating func set(_ variable: ScriptVariable, to value: ScriptValue) {
        switch variable.name {
        case .script(let name):
            if let place = self.variables.firstIndex(where: { $0.name == name }) {
                self.variables[place].value = value == .null ? .number(0) : value
            } else {
                self.variables.append((name, value == .null ? .number(0) : value))
            }
        case .attribute(let name):
            if value == .null {
                _ = self.attributes.remove(name, all: variable.index == .all)
                return
            }
            if variable.index == .all { _ = self.attributes.remove(name) }
            let added = self.attributes.add(name, of: value)
            if !added { self.refuse(variable, "there are \(AttributeList.limit) attributes already") }
        case .known(let known): self.set(known, to: value)
        case .header, .null: break  // The checker has refused these.
        }
    }

    private mutating func set(_ known: ScriptVariable.Known, to value: ScriptValue) {
        let text = value.bytes
        switch known {
        case .destinationURI:
            if value != .null, (try? URIRanges(parsing: text.span, ByteRange(0, text.count))) == nil {
                self.refuse(ScriptVariable(name: .known(known)), "\(Printable.text(text)) is no URI")
            } else {
                self.setDestinationURI(text)
            }
        case .requestURI:
            guard (try? URIRanges(parsing: text.span, ByteRange(0, text.count))) != nil else {
                self.refuse(ScriptVariable(name: .known(known)), "\(Printable.text(text)) is no URI")
                return
            }
            self.setRequestURI(text)
        case .requestUser, .requestHost, .requestPort:
            let result = try? self.changeRequestURI { uri in
                switch known {
                case .requestUser: uri.user = value == .null || text.isEmpty ? nil : text
                case .requestHost: uri.host = text
                default: uri.port = UInt16(exactly: value.number).flatMap { $0 == 0 ? nil : $0 }
                }
            }
            // What was written has to be a URI again: a blank or a line end in it would be another message.
            let changed = self.requestURIBytes
            if result == nil || (try? URIRanges(parsing: changed.span, ByteRange(0, changed.count))) == nil {
                self.revertRequestURI()
                self.refuse(ScriptVariable(name: .known(known)), "\(Printable.text(text)) does not fit into the URI")
            }
        default: break  // The checker has refused these.
        }
    }

    private mutating func refuse(_ variable: ScriptVariable, _ why: String) {
        var name = "?"
        if case .known(let known) = variable.name { name = known.rawValue }
        if case .attribute = variable.name { name = "avp" }
        self.log(-1, Array("script: cannot set $\(name): \(why)".utf8))
    }

    mutating func endedLoop(_ rounds: Int) {
        self.log(-1, Array("script: a `while` was ended after \(rounds) rounds (max_while_loops)".utf8))
    }
}
