import SIPKit

extension FunctionBodies {
    /// `use_media_proxy()`: the media of this call goes through our relay (FUNCTIONS.md §13).
    static let useMediaProxy = Body { _, context in
        switch context.index.method {
        case _ where !context.index.isRequest: break
        case .invite: break
        // An ACK without a description has nothing to change.
        case .ack: if context.sessionDescription == nil { return .yes }
        default: return .no
        }
        return context.relayMedia(MediaRelayOptions())
    }

    /// `end_media_session()`: the relay forgets the call. Harmless when it knows none.
    static let endMediaSession = Body { _, context in context.endRelayedMedia() }

    /// `engage_media_proxy()`: for the messages that pass the script it is `use_media_proxy()`; what ends the relaying is the
    /// BYE's `end_media_session()`, or silence.
    static let engageMediaProxy = Body { _, context in
        context.index.method == .invite ? context.relayMedia(MediaRelayOptions()) : .no
    }
}

/// How a message's media is to be relayed.
struct MediaRelayOptions {
    /// Only a call that is relayed already.
    var onlyKnown = false
    var isAsymmetric = false
    /// Also where somebody has marked the description as relayed.
    var ignoresMark = false
    var isTrusted = false
    /// Whether the description is marked (`a=nortpproxy:yes`), so that the next proxy leaves it alone.
    var marks = false
    /// Whether the address in `o=` is replaced as well.
    var changesOrigin = false
    /// What is written instead of the relay's own address.
    var advertised: IPAddress?
    /// Letters that an external engine understands.
    var engineFlags: [UInt8] = []
}

extension RouteContext {
    private static var mark: StaticString { "nortpproxy" }

    /// Tells the relay what the description of the message in work says, and writes the relay's ports into it.
    mutating func relayMedia(_ options: MediaRelayOptions) -> FunctionResult {
        guard let media = self.shared.media else { return .no }
        guard let description = self.relayableDescription(options) else {
            // The offer comes with the answer to this INVITE: it may begin the session then.
            if self.index.isRequest, self.index.method == .invite, self.sessionDescription == nil {
                media.expect(self.mediaUpdate([], options))
            }
            return .no
        }
        guard !description.media.isEmpty else { return .yes }
        let update = self.mediaUpdate(self.mediaStreams(description), options)
        let places: [SocketAddress?]
        do throws(MediaError) {
            places = try media.update(update)
        } catch {
            self.log(error == .noSession ? 2 : -1, Array("media relay: \(error)".utf8))
            return .no
        }
        self.writeMedia(description, places, options)
        return .yes
    }

    /// The session description, if it is to be changed: it was not yet, by us or by a proxy that has marked it.
    mutating func relayableDescription(_ options: MediaRelayOptions) -> SessionDescription? {
        guard !self.isMediaRelayed, let description = self.sessionDescription else { return nil }
        let isMarked =
            description.attribute(Self.mark, in: 0..<description.lines.count, of: self.memory.span) != nil
        return options.marks && !options.ignoresMark && isMarked ? nil : description
    }

    /// The relay forgets the call of the message in work.
    mutating func endRelayedMedia() -> FunctionResult {
        guard let media = self.shared.media else { return .no }
        let isEnded = media.end(
            callID: Array(self.memory[self.callID.indices]), tags: Array(self.memory[self.from.tag.indices]),
            Array(self.memory[self.to.tag.indices]))
        return isEnded ? .yes : .no
    }

    func mediaStreams(_ description: SessionDescription) -> [MediaUpdate.Stream] {
        let bytes = self.memory.span
        let session = description.connection(in: bytes)
        return description.media.map { media in
            let connection = description.connection(of: media, in: bytes) ?? session
            let ip = connection.flatMap { IPAddress(parsing: bytes, $0.address) }
            let isOff = media.portNumber == 0
            let isHold = ip.map { $0.isAny } ?? true
            var stream = MediaUpdate.Stream(
                kind: Array(self.memory[media.kind.indices]),
                address: isOff || isHold ? nil : ip.map { SocketAddress($0, media.portNumber) }, isOff: isOff)
            if let ip, !isOff, !isHold { stream.control = description.controlAddress(of: media, in: bytes, on: ip) }
            return stream
        }
    }

    private mutating func mediaUpdate(_ streams: [MediaUpdate.Stream], _ options: MediaRelayOptions) -> MediaUpdate {
        let isRequest = self.index.isRequest
        func bytes(_ range: ByteRange) -> [UInt8] { Array(self.memory[range.indices]) }
        let (from, to) = (bytes(self.from.tag), bytes(self.to.tag))
        var update = MediaUpdate(
            callID: bytes(self.callID), senderTag: isRequest ? from : to, receiverTag: isRequest ? to : from,
            mayBegin: isRequest && !options.onlyKnown, streams: streams, source: self.peer.address.ip.unmapped,
            senderFacing: self.destination.ip.unmapped, receiverFacing: self.destination.ip.unmapped)
        update.isAsymmetric = options.isAsymmetric || self.isAsymmetric(self.shared.asymmetricMedia)
        update.isTrusted = options.isTrusted
        if !isRequest, self.cSeq.method == .invite {
            update.isProvisional = self.index.statusCode < 200
            update.confirms = (200..<300).contains(self.index.statusCode)
        }
        update.from = bytes(self.from.uri)
        update.to = bytes(self.to.uri)
        // A next hop of the other family is reached from an address of ours of that family.
        if isRequest, let next = self.nextHopAddress, next.family != update.senderFacing.family,
            let own = self.shared.settings.media.addresses.first(where: { $0.family == next.family })
        {
            update.receiverFacing = own
        }
        return update
    }

    /// The next hop, where it is an address already.
    private var nextHopAddress: IPAddress? {
        let uri = self.destinationURI.isEmpty ? self.requestURIBytes : self.destinationURI
        guard let parts = try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)) else { return nil }
        return IPAddress(parsing: uri.span, parts.host)
    }

    /// Whether the sender's User-Agent is in a file of those that send from another port than they listen on.
    func isAsymmetric(_ patterns: [PatternMatcher]) -> Bool {
        guard !patterns.isEmpty, let agent = self.index.first(.userAgent) ?? self.index.first(.server) else {
            return false
        }
        return patterns.contains { $0.matches(self.memory.span.extracting(agent.indices)) }
    }

    mutating func writeMedia(
        _ description: SessionDescription, _ places: [SocketAddress?], _ options: MediaRelayOptions
    ) {
        let bytes = self.memory.span
        // What an earlier attempt has written is out of date.
        self.edits.forget(self.mediaEdits)
        let mark = self.edits.mark
        defer { self.mediaEdits = MessageEdits.Stretch(from: mark, to: self.edits.mark) }
        let own = options.advertised ?? places.lazy.compactMap { $0?.ip }.first
        if let own {
            for connection in description.connections(in: bytes) {
                guard let old = IPAddress(parsing: bytes, connection.address), !old.isAny else { continue }
                description.replace(connection, with: own, in: &self.edits)
            }
            if options.changesOrigin, let origin = description.origin(in: bytes) {
                description.replace(origin, with: own, in: &self.edits)
            }
        }
        self.isMediaRelayed = true
        for (number, place) in places.enumerated() where number < description.media.count {
            guard let place else { continue }
            let media = description.media[number]
            description.replacePort(of: media, with: place.port, in: &self.edits)
            // RTCP is on the port behind, as without the attribute.
            description.removeAttributes("rtcp", in: media.section, of: bytes, &self.edits)
        }
        if options.marks,
            description.attribute(Self.mark, in: 0..<description.lines.count, of: bytes) == nil
        {
            description.add(attribute: "nortpproxy:yes", to: description.session, in: bytes, &self.edits)
        }
        self.edits.fixLength(of: self.index, in: bytes)
    }
}

extension SessionDescription {
    /// Where RTCP goes by `a=rtcp:PORT [IN IP4 ADDRESS]` (RFC 3605); `nil` without one.
    func controlAddress(of media: Media, in bytes: Span<UInt8>, on ip: IPAddress) -> SocketAddress? {
        guard let value = self.attribute("rtcp", in: media.section, of: bytes) else { return nil }
        var words: [ByteRange] = []
        var start = value.start
        for at in value.start...value.end where at == value.end || bytes[at] == ASCII.space {
            if at > start { words.append(ByteRange(start, at)) }
            start = at + 1
        }
        guard let first = words.first, let port = ASCII.number(bytes, first, limit: 65_535), port > 0 else {
            return nil
        }
        let other = words.count == 4 ? IPAddress(parsing: bytes, words[3]) : nil
        return SocketAddress(other ?? ip, UInt16(truncatingIfNeeded: port))
    }
}
