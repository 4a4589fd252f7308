import SIPKit
import SIPTrace

/// The bindings of a trace: who is registered where, since when, how often that changed.
///
/// Read from the answers of the registrar, which say what it really keeps. One entry for each address-of-record, the
/// latest; what was before it is kept as far as rules ask.
struct RegistrationLedger: Sendable, Codable {
    struct Binding: Sendable, Codable {
        var contact: UInt64
        /// Where the Contact says that the phone is, when it is an address.
        var listed: SocketAddress?
        /// Where the phone is.
        var source: SocketAddress
        var granted: Int64
        var ends: Int64
        /// A private Contact kept as it is, for a phone that is public from here.
        var isUnreachable = false
        var isBehindNAT = false
        var call: UInt64
        /// The source before it moved, and when that was.
        var movedFrom: SocketAddress? = nil
        var movedAt: Int64 = 0
        /// The last time without a binding.
        var lapse: Range<Int64>? = nil
        /// Times between registrations, and how many of them were under a minute.
        var intervals = 0
        var shortIntervals = 0
        var intervalSum: Int64 = 0
        var isShortGrant = false
        // Changes within an hour.
        var otherContact: UInt64 = 0
        var otherCall: UInt64 = 0
        var windowStart: Int64
        var flips = 0
        var goodbyes = 0
    }

    struct Flap: Sendable, Codable {
        var user: String
        var here: String
        var there: String
        var flips = 0
        var goodbyes = 0
    }

    struct Grant {
        var contact: UInt64
        var listed: SocketAddress?
        var source: SocketAddress
        var time: Int64
        var seconds: Int64
        var isUnreachable: Bool
        var isBehindNAT: Bool
        /// Whether the registrar keeps no other Contact of this user.
        var isAlone: Bool
        var call: UInt64
    }

    static let maxBindings = 200_000
    static let maxFlaps = 200
    private(set) var bindings: [UInt64: Binding] = [:]
    private(set) var flaps: [UInt64: Flap] = [:]
    /// Registrations refused with 423 again after the phone had been told the least interval.
    var ignoredMinima = EvidenceList()
    private(set) var isFull = false

    subscript(user: UInt64) -> Binding? { self.bindings[user] }

    mutating func note(_ context: CallContext, seed: UInt64) {
        var tooBrief = 0
        for place in context.records.indices {
            let answer = context.records[place]
            guard answer.isAnswer(to: .register), answer.isFirst, answer.isFinal else { continue }
            if answer.status == 423 {
                tooBrief += 1
                if tooBrief == 2 {
                    self.ignoredMinima.add(
                        at: answer.time,
                        Evidence(
                            "\(context.callee(place)) ignores Min-Expires: it was refused with 423 and asked for the same again.",
                            [answer.number]
                        ).of(context.callID, answer.time))
                }
            }
            guard answer.isSuccess,
                let asked = context.records.firstIndex(where: {
                    $0.isRequest(.register) && $0.topBranch == answer.topBranch && $0.cSeq == answer.cSeq
                }), let user = context.registration(asked)?.user
            else { continue }
            self.read(context, asked, place, user, seed)
        }
    }

    private mutating func read(_ context: CallContext, _ asked: Int, _ place: Int, _ user: UInt64, _ seed: UInt64) {
        if let request = context.registration(asked), let answer = context.registration(place), request.contact != 0,
            answer.contact != 0, answer.count == 1, answer.seconds > 0
        {
            let source = context.records[asked].source
            let isUnreachable =
                answer.contact == request.contact && !answer.hasReceived
                && (answer.address.map { AddressScope.isOutOfScope($0.ip, for: source.ip) } ?? false)
            return self.grant(
                user,
                Grant(
                    contact: request.contact, listed: answer.address, source: source, time: context.records[place].time,
                    seconds: answer.seconds, isUnreachable: isUnreachable,
                    isBehindNAT: context.records[asked].traits.contains(.hasOtherVia), isAlone: true,
                    call: context.conversation.call),
                naming: { (context.callee(asked), "\(source)") })
        }
        self.readWhole(context, asked, place, user, seed)
    }

    /// The same from the messages: what ends a binding, and answers with several Contacts.
    private mutating func readWhole(
        _ context: CallContext, _ asked: Int, _ place: Int, _ user: UInt64, _ seed: UInt64
    ) {
        guard let request = context.message(asked), let answer = context.message(place),
            let range = request.first(.contact)
        else { return }
        let time = context.records[place].time
        if request.span.equals(range, "*") { return self.end(user, context, asked, time) }
        guard let own = try? request.address(.contact),
            let ownURI = try? URIRanges(parsing: request.span, own.uri)
        else { return }
        let span = answer.span
        let listed = (try? answer.addresses(.contact)) ?? []
        let same = listed.first {
            guard let uri = try? URIRanges(parsing: span, $0.uri) else { return false }
            return span.equals(uri.hostPort, request.span, ownURI.hostPort)
        }
        guard let kept = same ?? (listed.count == 1 ? listed.first : nil) else {
            if listed.isEmpty { self.end(user, context, asked, time) }
            return
        }
        let expires = kept.parameter("expires", in: span) ?? answer.first(.expires)
        let seconds = expires.flatMap { ASCII.number(span, $0, limit: 0xFFFF_FFFF) }.map { Int64($0) } ?? 3600
        guard seconds > 0 else { return self.end(user, context, asked, time) }
        let source = context.records[asked].source
        var listedAddress: SocketAddress? = nil
        if let uri = try? URIRanges(parsing: span, kept.uri), let host = IPAddress(parsing: span, uri.host) {
            listedAddress = SocketAddress(host, uri.port ?? 5060)
        }
        let isUnreachable =
            same != nil && kept.parameter("received", in: span) == nil
            && (listedAddress.map { AddressScope.isOutOfScope($0.ip, for: source.ip) } ?? false)
        self.grant(
            user,
            Grant(
                contact: IdentityHash.of(request.span, ownURI.hostPort, seed: seed), listed: listedAddress,
                source: source, time: time, seconds: seconds, isUnreachable: isUnreachable,
                isBehindNAT: context.records[asked].traits.contains(.hasOtherVia), isAlone: listed.count == 1,
                call: context.conversation.call),
            naming: { (context.callee(asked), "\(source)") })
    }

    /// - Parameter naming: the user and the address in words; asked only when they are needed.
    mutating func grant(_ user: UInt64, _ grant: Grant, naming: () -> (user: String, here: String)) {
        let ends = grant.time &+ min(grant.seconds, 31_536_000) * 1_000_000_000
        guard var binding = self.bindings[user] else {
            guard self.bindings.count < Self.maxBindings else {
                self.isFull = true
                return
            }
            self.bindings[user] = Binding(
                contact: grant.contact, listed: grant.listed, source: grant.source, granted: grant.time, ends: ends,
                isUnreachable: grant.isUnreachable, isBehindNAT: grant.isBehindNAT, call: grant.call,
                isShortGrant: grant.seconds < 60, windowStart: grant.time)
            return
        }
        let gap = grant.time - binding.granted
        if grant.time > binding.ends, binding.ends >= binding.granted { binding.lapse = binding.ends..<grant.time }
        if grant.time - binding.windowStart > 3_600_000_000_000 {
            binding.windowStart = grant.time
            binding.flips = 0
            binding.goodbyes = 0
        }
        if grant.contact == binding.contact {
            if gap > 0 {
                binding.intervals += 1
                binding.intervalSum += gap
                if gap < 60_000_000_000 { binding.shortIntervals += 1 }
            }
            if grant.source != binding.source, grant.time < binding.ends {
                binding.movedFrom = binding.source
                binding.movedAt = grant.time
            }
        } else {
            // Two devices that refresh each by itself keep their own Call-IDs; one device that jumps does not.
            let isSecondDevice = grant.call == binding.otherCall && grant.call != binding.call
            if grant.contact == binding.otherContact, grant.isAlone, !isSecondDevice {
                binding.flips += 1
                self.noteFlap(user, binding, naming)
            }
            binding.otherContact = binding.contact
            binding.otherCall = binding.call
        }
        binding.contact = grant.contact
        binding.listed = grant.listed
        binding.source = grant.source
        binding.granted = grant.time
        binding.ends = ends
        binding.isUnreachable = grant.isUnreachable
        binding.isBehindNAT = grant.isBehindNAT
        binding.isShortGrant = grant.seconds < 60
        binding.call = grant.call
        self.bindings[user] = binding
    }

    private mutating func end(_ user: UInt64, _ context: CallContext, _ asked: Int, _ time: Int64) {
        guard var binding = self.bindings[user] else { return }
        if binding.ends > time { binding.goodbyes += 1 }
        binding.ends = min(binding.ends, time)
        self.noteFlap(user, binding) { (context.callee(asked), "\(context.records[asked].source)") }
        self.bindings[user] = binding
    }

    private mutating func noteFlap(_ user: UInt64, _ binding: Binding, _ naming: () -> (user: String, here: String)) {
        guard binding.flips > 6 || binding.goodbyes > 3, self.flaps[user] != nil || self.flaps.count < Self.maxFlaps
        else { return }
        let names = naming()
        var flap = self.flaps[user] ?? Flap(user: names.user, here: names.here, there: "\(binding.source)")
        flap.flips = max(flap.flips, binding.flips)
        flap.goodbyes = max(flap.goodbyes, binding.goodbyes)
        self.flaps[user] = flap
    }
}
