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
        let host = bytes.copy(parts.host)
        let prefix = self.shared.settings.realmPrefix
        guard !prefix.isEmpty, host.count > prefix.count, host.map(ASCII.lowercased).starts(with: prefix) else {
            return host
        }
        return Array(host.dropFirst(prefix.count))
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
        var found: (credentials: DigestRanges, slot: Int)?
        var slot = self.index.firstSlot(header)
        while let place = slot {
            var cursor = ByteCursor(bytes, self.index.slots[place].value)
            if let credentials = try? DigestRanges(parsing: &cursor),
                bytes.equals(credentials.realm, realm.span, ByteRange(0, realm.count))
            {
                // Two for one realm are an attempt to have one looked at and the other believed.
                guard found == nil else { return .no }
                found = (credentials, place)
            }
            slot = self.index.nextSlot(after: place)
        }
        guard let found else { return .no }
        return self.verify(
            found.credentials, realm: realm, slot: found.slot, table: arguments.text(1), answer)
    }

    private mutating func verify(
        _ credentials: DigestRanges, realm: [UInt8], slot: Int, table: [UInt8], _ answer: Answer?
    ) -> FunctionResult {
        let bytes = self.memory.span
        let source = self.peer.address.ip
        let second = UInt64(clamping: self.now / 1_000_000_000)
        let count = credentials.countNumber(bytes)
        // A quality without a number that could be checked is worth nothing; nor are credentials for another request.
        guard credentials.quality.isEmpty || count != nil, self.isTarget(credentials.uri) else { return .no }
        let user = bytes.copy(credentials.username)
        let guesses = self.shared.guesses
        guard guesses.allows(user, from: source, at: second) else { return .no }
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
        let nonce = self.shared.nonces.check(bytes, credentials.nonce, at: second, from: source)
        // An unknown user costs the same hashes as a wrong password.
        let compared = ha1 ?? self.shared.decoy
        let isRight = credentials.verify(
            bytes, method: bytes.extracting(self.index.methodRange.indices), ha1: compared.span)
        guard let isRight, isRight, ha1 != nil else {
            // Only who has got a nonce at this address has tried to guess; others would shut out whom they pretend to be.
            if nonce != nil { guesses.noteFailure(user, from: source, at: second) }
            return .no
        }
        var hash = KeyedHash(key: self.shared.secrets.tags)
        hash.combine(bytes, ByteRange(0, bytes.count))
        let use = NonceIssuer.Use(request: hash.value.low, at: second)
        guard let nonce, self.shared.nonces.use(nonce, count: credentials.quality.isEmpty ? nil : count, by: use)
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

    /// Whether the `uri` of credentials is the Request-URI (RFC 3261 §22.4): the same bytes, or the same user, host and
    /// port, as some phones leave parameters out. SIPp names the server alone, whomever it calls: that is taken where the
    /// server is this one.
    private mutating func isTarget(_ uri: ByteRange) -> Bool {
        let bytes = self.memory.span
        if bytes.equals(uri, bytes, self.index.requestURI) { return true }
        guard let said = try? URIRanges(parsing: bytes, uri), let real = self.requestURIParts() else { return false }
        if said.user.isEmpty, !real.user.isEmpty { return self.shared.selves.contains(bytes, said) }
        return said.port == real.port && bytes.equals(said.user, bytes, real.user)
            && bytes.copy(said.host).equalsIgnoringCase(bytes.copy(real.host))
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
        if realm.contains(where: { $0 == ASCII.quote || $0 == ASCII.backslash }) {
            for byte in realm where byte != ASCII.quote && byte != ASCII.backslash { line.append(byte) }
        } else {
            line += realm
        }
        line.append("\", nonce=\"")
        line.append(nonce.span, ByteRange(0, NonceIssuer.length))
        line.append(ASCII.quote)
        if qop { line.append(", qop=\"auth\"") }
        if self.isNonceStale { line.append(", stale=true") }
        line.append("\r\n")
        self.reply(status, reason, headers: line)
    }
}
