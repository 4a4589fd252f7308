import SIPKit

/// What a conversation has in it, noted message by message: a rule names the marks that it cannot speak without, and a
/// conversation that lacks one of them costs that rule nothing.
///
/// A mark may be set too often (the rule then looks and finds nothing), never too rarely. What single messages have
/// (``ExchangeRecord/Traits``) is in the upper bits.
struct Marks: OptionSet, Sendable, Hashable, Codable {
    let rawValue: UInt64

    private static let traitShift: UInt64 = 40

    /// At least one message has this.
    static func any(_ traits: ExchangeRecord.Traits) -> Marks { Marks(rawValue: UInt64(traits.rawValue) << traitShift) }

    // MARK: Passages

    /// A copy of a message is there that a server passed on.
    static let relayed = Marks(rawValue: 1 << 0)
    static let relayedRequest = Marks(rawValue: 1 << 1)
    static let relayedAnswer = Marks(rawValue: 1 << 2)
    /// Something was sent again on its hop.
    static let repeated = Marks(rawValue: 1 << 3)
    /// A relayed copy has a session description.
    static let relayedSession = Marks(rawValue: 1 << 4)
    /// One request was passed on more than once.
    static let forked = Marks(rawValue: 1 << 5)
    /// A request came to one address twice and more, not as a repeat.
    static let enteredTwice = Marks(rawValue: 1 << 6)
    /// Sent to itself, or to one address three times, or refused as a loop.
    static let loop = Marks(rawValue: 1 << 7)

    // MARK: Answers

    /// 401 or 407.
    static let challenge = Marks(rawValue: 1 << 8)
    /// 401, 403 or 407 to a request with credentials.
    static let refusedLogin = Marks(rawValue: 1 << 9)
    /// 3xx, or a request that was passed on more than once.
    static let forwarded = Marks(rawValue: 1 << 10)
    static let forbidden = Marks(rawValue: 1 << 11)
    static let timedOut = Marks(rawValue: 1 << 12)
    /// 415, 488 or 606.
    static let notAcceptable = Marks(rawValue: 1 << 13)
    static let intervalTooSmall = Marks(rawValue: 1 << 14)
    static let glare = Marks(rawValue: 1 << 15)
    /// 476 to 479.
    static let sendError = Marks(rawValue: 1 << 16)
    static let serverError = Marks(rawValue: 1 << 17)
    /// 2xx to an INVITE.
    static let answered = Marks(rawValue: 1 << 18)
    /// Two of them that are no repeats of each other.
    static let answeredTwice = Marks(rawValue: 1 << 19)
    /// Two final answers of different codes to one INVITE.
    static let twoFinals = Marks(rawValue: 1 << 20)
    /// A final answer above 299 to a BYE.
    static let byeRefused = Marks(rawValue: 1 << 21)
    /// An answer that went to another place than its request came from, or whose request is not there.
    static let strayAnswer = Marks(rawValue: 1 << 22)

    // MARK: Requests

    static let cancel = Marks(rawValue: 1 << 23)
    /// A request with a To tag.
    static let inDialog = Marks(rawValue: 1 << 24)
    /// An INVITE or UPDATE with a To tag and a session description.
    static let newSession = Marks(rawValue: 1 << 25)
    /// A request with a To tag and a Route.
    static let routed = Marks(rawValue: 1 << 26)
    /// A request without a To tag that brings its own Route.
    static let preloaded = Marks(rawValue: 1 << 27)
    /// Credentials that were passed on.
    static let relayedLogin = Marks(rawValue: 1 << 28)
    /// Max-Forwards low, missing, or not one less in the copy.
    static let oddHops = Marks(rawValue: 1 << 29)
    /// An INVITE or SUBSCRIBE was passed on and the server's Record-Route is not seen to be new in it.
    static let noRecordRoute = Marks(rawValue: 1 << 30)
    /// A sender's address was wrong in its Via, and the copy does not note the true one.
    static let noReceived = Marks(rawValue: 1 << 31)
    /// A request from a public address to a private one.
    static let toPrivate = Marks(rawValue: 1 << 32)
    /// A Contact that may be private was passed on.
    static let privateContact = Marks(rawValue: 1 << 33)
    /// Over UDP, and longer than 1300 bytes.
    static let large = Marks(rawValue: 1 << 34)
    /// Incomplete or cut.
    static let broken = Marks(rawValue: 1 << 35)
    /// A sender of a request lost its place in the order of its numbers.
    static let disorder = Marks(rawValue: 1 << 36)
    /// A 2xx to a REGISTER does not list the Contact of that REGISTER, or lists others as well.
    static let otherContact = Marks(rawValue: 1 << 37)
    /// A device's own request in which one address may have been rewritten and another not.
    static let halfRewritten = Marks(rawValue: 1 << 38)
    /// A challenge whose Warning names two hosts.
    static let twoHosts = Marks(rawValue: 1 << 39)
}

extension Marks {
    /// What one message tells by itself.
    @inline(__always)
    static func of(_ record: ExchangeRecord) -> Marks {
        var marks = Marks.any(record.traits)
        if record.passage == .repeated { marks.insert(.repeated) }
        if record.isSelf { marks.insert(.loop) }
        if record.length > 1300, record.transport == .udp { marks.insert(.large) }
        if !record.traits.isDisjoint(with: [.isIncomplete, .isCut]) { marks.insert(.broken) }
        if record.traits.contains(.mayBeHalfRewritten) { marks.insert(.halfRewritten) }
        if record.traits.contains(.namesTwoHosts) { marks.insert(.twoHosts) }
        if record.isRequest {
            marks.formUnion(Self.ofRequest(record))
        } else if record.status >= 200 {
            marks.formUnion(Self.ofFinal(record))
        }
        return marks
    }

    @inline(__always)
    private static func ofRequest(_ record: ExchangeRecord) -> Marks {
        var marks = Marks()
        if record.method == .cancel { marks.insert(.cancel) }
        if record.toTag != 0 {
            marks.insert(.inDialog)
            if record.traits.contains(.hasRoute) { marks.insert(.routed) }
            if record.traits.contains(.hasSession), record.method == .invite || record.method == .update {
                marks.insert(.newSession)
            }
        } else if record.traits.contains(.hasRoute) {
            marks.insert(.preloaded)
        }
        if record.maxForwards <= 5, record.viaCount == 1, record.maxForwards >= 0 || record.method != .ack {
            marks.insert(.oddHops)
        }
        if record.destination.ip.isPrivate, AddressScope.isPublic(record.source.ip) { marks.insert(.toPrivate) }
        return marks
    }

    @inline(__always)
    private static func ofFinal(_ record: ExchangeRecord) -> Marks {
        var marks = Marks()
        switch record.status {
        case 200..<300: if record.method == .invite { marks.insert(.answered) }
        case 300..<400: marks.insert(.forwarded)
        case 401, 407: marks.insert(.challenge)
        case 403: marks.insert(.forbidden)
        case 408: marks.insert(.timedOut)
        case 415, 488, 606: marks.insert(.notAcceptable)
        case 422: marks.insert(.intervalTooSmall)
        case 476...479: marks.insert(.sendError)
        case 482, 483: marks.insert(.loop)
        case 491: marks.insert(.glare)
        case 500..<600: marks.insert(.serverError)
        default: break
        }
        if record.method == .bye, record.status >= 300 { marks.insert(.byeRefused) }
        return marks
    }

    /// What a message tells together with those before it.
    ///
    /// - Parameters:
    ///   - record: the new message; its ``ExchangeRecord/original`` is known.
    ///   - place: where it will stand.
    static func of(_ record: ExchangeRecord, at place: Int, after earlier: [ExchangeRecord]) -> Marks {
        var marks = Marks()
        if record.passage == .relayed, Int(record.original) != place, Int(record.original) < earlier.count {
            marks.formUnion(Self.ofCopy(record, of: earlier[Int(record.original)]))
        }
        if record.isRequest {
            marks.formUnion(Self.ofRequest(record, after: earlier))
        } else {
            marks.formUnion(Self.ofAnswer(record, after: earlier))
        }
        return marks
    }

    private static func ofCopy(_ copy: ExchangeRecord, of original: ExchangeRecord) -> Marks {
        var marks: Marks = [.relayed, copy.isRequest ? .relayedRequest : .relayedAnswer]
        if copy.traits.contains(.hasSession) { marks.insert(.relayedSession) }
        if copy.traits.contains(.hasPrivateContact) { marks.insert(.privateContact) }
        if copy.traits.contains(.hasCredentials) { marks.insert(.relayedLogin) }
        guard copy.isRequest else { return marks }
        if copy.method == .invite || copy.method == .subscribe, copy.toTag == 0,
            original.traits.contains(.hasRecordRoute) || !copy.traits.contains(.hasRecordRoute)
        {
            marks.insert(.noRecordRoute)
        }
        if original.traits.contains(.hasOtherVia), copy.traits.contains(.lacksReceived) { marks.insert(.noReceived) }
        if original.maxForwards >= 0, copy.maxForwards >= 0, copy.maxForwards != original.maxForwards - 1 {
            marks.insert(.oddHops)
        }
        return marks
    }

    private static func ofRequest(_ record: ExchangeRecord, after earlier: [ExchangeRecord]) -> Marks {
        var marks = Marks()
        var entered = record.passage == .repeated ? 0 : 1
        let isOrdered =
            record.isFirst && record.toTag != 0 && record.method != .ack && record.method != .cancel
        for other in earlier {
            if other.isRequest {
                if entered > 0, other.endToEnd == record.endToEnd, other.passage != .repeated {
                    if other.destination == record.destination { entered += 1 }
                    if record.passage == .relayed, other.passage == .relayed, other.original == record.original {
                        marks.formUnion([.forked, .forwarded])
                    }
                }
                if isOrdered, other.fromTag == record.fromTag, other.method != .ack, other.method != .cancel,
                    other.cSeq > record.cSeq || other.cSeq == record.cSeq && other.method != record.method
                {
                    marks.insert(.disorder)
                }
            } else if record.traits.contains(.hasCredentials), other.topBranch == record.topBranch,
                Self.refusesLogin(other.status)
            {
                // The answer stands in front of its request: the capture has them in the wrong order.
                marks.insert(.refusedLogin)
            }
        }
        if entered >= 2 { marks.insert(.enteredTwice) }
        if entered >= 3 { marks.insert(.loop) }
        return marks
    }

    private static func refusesLogin(_ status: UInt16) -> Bool { status == 401 || status == 403 || status == 407 }

    private static func ofAnswer(_ record: ExchangeRecord, after earlier: [ExchangeRecord]) -> Marks {
        var marks = Marks()
        var isExpected = false
        for other in earlier {
            guard other.cSeq == record.cSeq else { continue }
            if other.isRequest, other.topBranch == record.topBranch {
                if other.traits.contains(.hasCredentials), Self.refusesLogin(record.status) {
                    marks.insert(.refusedLogin)
                }
                guard other.method == record.method else { continue }
                if other.source == record.destination { isExpected = true } else { marks.insert(.strayAnswer) }
            } else if other.method != record.method {
                continue
            } else if record.method == .invite, record.status >= 200, other.status >= 200 {
                if record.status < 300, record.isFirst, other.isSuccess, other.isFirst { marks.insert(.answeredTwice) }
                if other.topBranch == record.topBranch, other.status != record.status { marks.insert(.twoFinals) }
            }
        }
        if !isExpected { marks.insert(.strayAnswer) }
        return marks
    }
}
