import SIPKit

extension FunctionBodies {
    /// `www_authorize("realm", "subscriber")`: whether the request carries good credentials of a user (FUNCTIONS.md §7).
    static let wwwAuthorize = Body(
        { arguments, context in context.authorize(.authorization, arguments) },
        resume: { arguments, answer, context in context.authorize(.authorization, arguments, answer) })
    static let proxyAuthorize = Body(
        { arguments, context in context.authorize(.proxyAuthorization, arguments) },
        resume: { arguments, answer, context in context.authorize(.proxyAuthorization, arguments, answer) })

    /// `www_challenge("realm", "1")`: asks for credentials with 401; 0, so the block ends.
    static let wwwChallenge = Body { arguments, context in
        context.challenge(
            401, "Unauthorized", "WWW-Authenticate", realm: arguments.text(0), qop: arguments.integer(1) == 1)
        return .stop
    }
    static let proxyChallenge = Body { arguments, context in
        context.challenge(
            407, "Proxy Authentication Required", "Proxy-Authenticate", realm: arguments.text(0),
            qop: arguments.integer(1) == 1)
        return .stop
    }

    /// `consume_credentials()`: takes out the credentials that were found good, so that the next hop does not see them.
    static let consumeCredentials = Body { _, context in
        guard let slot = context.authorizedSlot else { return .no }
        context.removeLine(slot)
        context.authorizedSlot = nil
        return .yes
    }
}

extension RouteContext {
    /// The realm that the script gave, or the host of To for a registrar and of From for a proxy.
    private func realm(_ given: [UInt8], _ header: HeaderID) -> [UInt8] {
        if !given.isEmpty { return given }
        let bytes = self.memory.span
        let uri = self.index.method == .register ? self.to.uri : self.from.uri
        guard let parts = try? URIRanges(parsing: bytes, uri) else { return [] }
        return bytes.copy(parts.host)
    }

    /// Looks for credentials for the realm, and whether they are right; with a database, asks for their secret first.
    ///
    /// - Parameter answer: the database's, the second time.
    fileprivate mutating func authorize(
        _ header: HeaderID, _ arguments: borrowing PreparedArguments, _ answer: Answer? = nil
    ) -> FunctionResult {
        // Neither can be challenged: they have no answer of their own that would carry one (RFC 3261 §22.1).
        if self.index.method == .ack || self.index.method == .cancel { return .yes }
        let realm = self.realm(arguments.text(0), header)
        let bytes = self.memory.span
        var slot = self.index.firstSlot(header)
        while let place = slot {
            var cursor = ByteCursor(bytes, self.index.slots[place].value)
            if let credentials = try? DigestRanges(parsing: &cursor),
                bytes.equals(credentials.realm, realm.span, ByteRange(0, realm.count))
            {
                return self.verify(credentials, realm: realm, slot: place, table: arguments.text(1), answer)
            }
            slot = self.index.nextSlot(after: place)
        }
        return .no
    }

    private mutating func verify(
        _ credentials: DigestRanges, realm: [UInt8], slot: Int, table: [UInt8], _ answer: Answer?
    ) -> FunctionResult {
        let bytes = self.memory.span
        let source = self.peer.address.ip
        let user = bytes.copy(credentials.username)
        let persistence = self.shared.persistence
        var row: [[UInt8]] = []
        var ha1 = self.shared.users.ha1(user: user, realm: realm)
        if ha1 == nil, persistence.hasDatabase {
            guard let answer else {
                self.question = .rows(persistence.credentialsQuery(user, realm: realm, table: table))
                return .ask
            }
            guard let found = self.storedCredentials(answer, user, realm, table) else { return .stop }
            row = found
            ha1 = persistence.settings.auth.ha1(row, name: user, realm: realm)
        }
        let nonce = self.shared.nonces.check(
            bytes, credentials.nonce, at: UInt64(clamping: self.now / 1_000_000_000), from: source)
        // An unknown user costs the same hashes as a wrong password.
        let compared = ha1 ?? self.shared.decoy
        let isRight = credentials.verify(
            bytes, method: bytes.extracting(self.index.methodRange.indices), ha1: compared.span)
        guard let isRight, isRight, ha1 != nil else { return .no }
        guard let nonce,
            self.shared.nonces.use(nonce, count: credentials.quality.isEmpty ? nil : credentials.countNumber(bytes))
        else {
            self.isNonceStale = true
            return .no
        }
        self.authorizedSlot = slot
        self.authorizedUser = user
        self.authorizedRealm = realm
        if !row.isEmpty {
            for (name, value) in persistence.attributes(row, table: table) { _ = self.attributes.add(name, value) }
        }
        return .yes
    }

    /// The row of the credentials, empty where there is none. `nil` where nobody knows: the request was answered with
    /// 500. While the database does not answer, what it said last counts, so that those who are known go on calling.
    private mutating func storedCredentials(
        _ answer: Answer, _ user: [UInt8], _ realm: [UInt8], _ table: [UInt8]
    ) -> [[UInt8]]? {
        let memory = self.shared.persistence.lastCredentials
        let key = table + [0] + user + [0] + realm
        if case .rows(let rows) = answer {
            memory.remember(key, rows.first, at: self.wallTime)
            return rows.first ?? []
        }
        if let row = memory.row(key, at: self.wallTime) { return row }
        self.reply(500, "Server Internal Error", headers: Array("Retry-After: 10\r\n".utf8))
        return nil
    }

    mutating func challenge(
        _ status: Int, _ reason: StaticString, _ header: StaticString, realm given: [UInt8], qop: Bool
    ) {
        let realm = self.realm(given, status == 401 ? .wwwAuthenticate : .proxyAuthenticate)
        let nonce = self.shared.nonces.issue(at: UInt64(clamping: self.now / 1_000_000_000), to: self.peer.address.ip)
        var line: [UInt8] = []
        line.reserveCapacity(192)
        line.append(header)
        line.append(": Digest realm=\"")
        for byte in realm where byte != ASCII.quote && byte != ASCII.backslash { line.append(byte) }
        line.append("\", nonce=\"")
        for place in 0..<NonceIssuer.length { line.append(nonce[place]) }
        line.append(ASCII.quote)
        if qop { line.append(", qop=\"auth\"") }
        if self.isNonceStale { line.append(", stale=true") }
        line.append("\r\n")
        self.reply(status, reason, headers: line)
    }
}
