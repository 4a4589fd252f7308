import SIPKit
import SIPTrace

/// Questions that several rules ask about a conversation.
extension CallContext {
    // MARK: Media

    /// The first active media address that left unchanged although its receiver cannot reach it.
    func privateMediaPassedOn(_ inPlace: Int, _ out: Int) -> (address: IPAddress, port: Int)? {
        let receiver = self.records[out].destination.ip
        guard let after = self.session(out), let before = self.session(inPlace) else { return nil }
        for media in after.media where media.port != 0 {
            guard let address = after.address(of: media), AddressScope.isOutOfScope(address, for: receiver),
                !media.hasPublicCandidate,
                before.media.contains(where: { $0.port != 0 && before.address(of: $0) == address })
            else { continue }
            return (address, media.port)
        }
        return nil
    }

    /// The 2xx to the INVITE as it came in and as it left.
    var answerPair: (in: Int, out: Int)? {
        guard let facts = self.facts, facts.isAnswered, let final = facts.final else { return nil }
        let record = self.records[final]
        if record.passage == .relayed { return (Int(record.original), final) }
        if let copy = self.copies(of: final).first { return (final, copy) }
        return (final, final)
    }

    /// The offer and the answer of the call as both ends made them (an answer may be in the 2xx or in the ACK).
    var offerAndAnswer: (offer: Int, answer: Int)? {
        guard let facts = self.facts, let pair = self.answerPair else { return nil }
        if self.session(facts.lastInvite) != nil {
            if self.session(pair.in) != nil { return (facts.lastInvite, pair.in) }
            // A reliable or early answer in a 183 of the same branch.
            let early = self.records.indices.first {
                self.records[$0].isAnswer(to: .invite) && self.records[$0].isFirst && self.session($0) != nil
            }
            return early.map { (facts.lastInvite, $0) }
        }
        guard let ack = facts.ack, self.session(ack) != nil, self.session(pair.in) != nil else { return nil }
        return (pair.in, ack)
    }

    // MARK: Contacts and headers

    /// The Contact of a message that its receiver cannot reach; `nil` when there is none, or an alias makes up for it.
    func privateContact(_ place: Int) -> String? {
        guard let contact = self.uri(place, .contact), let host = IPAddress(contact.host),
            AddressScope.isOutOfScope(host, for: self.records[place].destination.ip), !contact.text.holds(";alias=")
        else { return nil }
        return contact.port.map { "\(contact.host):\($0)" } ?? contact.host
    }

    /// Whether the first Contact of one message stands, host and port byte for byte, in a Contact line of another.
    func hasSameContact(_ place: Int, _ other: Int) -> Bool {
        guard let asked = self.message(place), let address = try? asked.address(.contact),
            let uri = try? URIRanges(parsing: asked.span, address.uri), let answer = self.message(other),
            let lines = try? answer.addresses(.contact)
        else { return false }
        return lines.contains { line in
            guard let listed = try? URIRanges(parsing: answer.span, line.uri) else { return false }
            return asked.span.equals(uri.hostPort, answer.span, listed.hostPort)
        }
    }

    /// Whether the receiver of a message sent anything in this conversation afterwards.
    func wasHeard(after place: Int) -> Bool {
        let peer = self.records[place].destination
        return self.records.indices.contains { $0 > place && self.records[$0].source == peer }
    }

    // MARK: Login

    struct Challenge: Equatable {
        var realm: String
        var nonce: String
        var isStale: Bool
    }

    struct Credentials: Equatable {
        var user: String
        var realm: String
        /// How many bytes the whole header has.
        var length: Int
    }

    struct RefusedLogin {
        /// Numbers of the messages.
        var request: UInt32
        var answer: UInt32
        var credentials: Credentials
        var challenge: Challenge
    }

    func challenge(_ place: Int) -> Challenge? {
        guard let message = self.message(place),
            let range = message.first(.wwwAuthenticate) ?? message.first(.proxyAuthenticate)
        else { return nil }
        let text = Printable.text(message[range])
        return Challenge(
            realm: Self.parameter("realm", in: text) ?? "", nonce: Self.parameter("nonce", in: text) ?? "",
            isStale: Self.parameter("stale", in: text)?.lowercased() == "true")
    }

    func credentials(_ place: Int) -> Credentials? {
        guard let message = self.message(place),
            let range = message.first(.authorization) ?? message.first(.proxyAuthorization)
        else { return nil }
        let text = Printable.text(message[range])
        return Credentials(
            user: Self.parameter("username", in: text) ?? "", realm: Self.parameter("realm", in: text) ?? "",
            length: range.count + 23)
    }

    /// Requests with credentials that were challenged all the same.
    var refusedLogins: [RefusedLogin] {
        self.records.indices.compactMap { place in
            let answer = self.records[place]
            guard [401, 407].contains(answer.status), answer.isFirst,
                let request = self.records.indices.first(where: {
                    self.records[$0].isRequest && self.records[$0].topBranch == answer.topBranch
                        && self.records[$0].cSeq == answer.cSeq
                        && self.records[$0].traits.contains(.hasCredentials)
                }), let credentials = self.credentials(request), let challenge = self.challenge(place),
                credentials.realm == challenge.realm || credentials.realm.isEmpty || challenge.realm.isEmpty
                    || !self.hasOtherRealms(challenge.realm, place)
            else { return nil }
            return RefusedLogin(
                request: self.number(request), answer: self.number(place), credentials: credentials,
                challenge: challenge)
        }
    }

    /// Whether another server asks for another realm in turn, which is no refusal of the first login.
    private func hasOtherRealms(_ realm: String, _ place: Int) -> Bool {
        let first = self.records.indices.first {
            [401, 407].contains(self.records[$0].status) && self.records[$0].isFirst
        }
        guard let first, first != place, let challenge = self.challenge(first) else { return false }
        return challenge.realm != realm
    }

    /// Whether a request with credentials was taken in the end.
    var hasAcceptedLogin: Bool {
        self.records.contains { answer in
            answer.status > 100 && ![401, 403, 407].contains(answer.status)
                && self.records.contains {
                    $0.isRequest && $0.traits.contains(.hasCredentials) && $0.cSeq == answer.cSeq
                        && $0.method == answer.method
                }
        }
    }

    /// The domain of the account: the host of the From URI, unless it is an address.
    var domain: String? {
        guard let host = self.uri(0, .from)?.host, IPAddress(host) == nil else { return nil }
        return host
    }

    /// `name="value"` or `name=value` of a challenge or of credentials.
    static func parameter(_ name: String, in text: String) -> String? {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        _ = cursor.takeToken()
        while !cursor.isAtEnd {
            cursor.skipLWS()
            let key = cursor.takeToken()
            cursor.skipLWS()
            guard cursor.skip(ASCII.equals) else {
                if cursor.next() == nil { return nil }
                continue
            }
            cursor.skipLWS()
            let value: ByteRange
            if let quoted = cursor.takeQuoted() {
                value = ByteRange(quoted.start + 1, quoted.end - 1)
            } else {
                value = cursor.take { $0 != ASCII.comma && !ASCII.isLWS($0) }
            }
            if String(decoding: bytes[key.indices], as: UTF8.self).lowercased() == name {
                return String(decoding: bytes[value.indices], as: UTF8.self)
            }
        }
        return nil
    }

    // MARK: Text

    /// The word behind a key, up to a blank or a quote.
    static func word(after key: String, in text: String) -> String? {
        let (bytes, wanted) = (Array(text.utf8), Array(key.utf8))
        guard bytes.count > wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count) where bytes[start..<start + wanted.count].elementsEqual(wanted) {
            let rest = bytes[(start + wanted.count)...]
            return String(decoding: rest.prefix { $0 != ASCII.space && $0 != ASCII.quote }, as: UTF8.self)
        }
        return nil
    }

    static func host(_ uri: String) -> String? {
        let bytes = Array(uri.utf8)
        guard let ranges = try? URIRanges(parsing: bytes.span, ByteRange(0, bytes.count)) else { return nil }
        return String(decoding: bytes[ranges.host.indices], as: UTF8.self)
    }
}
