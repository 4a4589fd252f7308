/// A user's call processing script: RFC 3880, and the draft that SER's documents use.
///
/// A tree without loops: `sub` leads to a subaction that stands earlier in the document, and was put in its place when
/// the script was read. An absent node is the default action of RFC 3880 §11.
struct CPLScript: Sendable {
    /// For requests that the user sends.
    var outgoing: CPLNode?
    /// For requests that are for the user.
    var incoming: CPLNode?
    /// Whether there is an `outgoing` and an `incoming` at all: an empty one is also the default action.
    var hasOutgoing = false
    var hasIncoming = false
}

/// One step of a script.
indirect enum CPLNode: Sendable {
    case addressSwitch(CPLAddressSwitch)
    case stringSwitch(field: CPLStringField, CPLChoices<CPLTextMatch>)
    /// The ranges of the caller's Accept-Language.
    case languageSwitch(CPLChoices<[UInt8]>)
    case timeSwitch(zone: String?, CPLChoices<CPLRecurrence>)
    case prioritySwitch(CPLChoices<CPLPriorityMatch>)
    case location(CPLLocation, next: CPLNode?)
    case lookup(CPLLookup)
    /// `nil`: all locations go.
    case removeLocation([UInt8]?, next: CPLNode?)
    case proxy(CPLProxy)
    case redirect(isPermanent: Bool)
    case reject(status: Int, reason: [UInt8]?)
    case mail(url: String, next: CPLNode?)
    case log(name: String?, comment: String?, next: CPLNode?)
    /// A subaction: its place in the script, shared by all that refer to it.
    case sub(CPLSubaction)
}

/// A subaction, kept once however often it is referred to: a script of 60 lines could otherwise double itself 30 times.
final class CPLSubaction: Sendable {
    let id: String
    let node: CPLNode?

    init(id: String, node: CPLNode?) {
        self.id = id
        self.node = node
    }
}

/// The outputs of a switch, in their order; the first that fits is taken.
struct CPLChoices<Match: Sendable>: Sendable {
    var choices: [Choice] = []

    enum Choice: Sendable {
        case when(Match, CPLNode?)
        case notPresent(CPLNode?)
        case otherwise(CPLNode?)
    }
}

struct CPLAddressSwitch: Sendable {
    /// Whose address: From, Request-URI, To.
    enum Field: String, Sendable, CaseIterable {
        case origin, destination
        case originalDestination = "original-destination"
    }
    /// Which part of it.
    enum Subfield: String, Sendable, CaseIterable {
        case addressType = "address-type"
        case user, host, port, tel, display, password
    }

    var field: Field
    /// `nil`: the whole address.
    var subfield: Subfield?
    var choices: CPLChoices<CPLTextMatch>
}

enum CPLStringField: String, Sendable, CaseIterable {
    case subject, organization
    case userAgent = "user-agent"
    case display
}

/// How a text is compared.
enum CPLTextMatch: Sendable, Equatable {
    case equals([UInt8])
    case contains([UInt8])
    /// The same domain or one below it; of a telephone number: the same beginning.
    case subdomain([UInt8])
}

/// Priority of RFC 3261 §20.26.
enum CPLPriority: Int, Sendable, Comparable {
    case nonUrgent, normal, urgent, emergency

    static func < (left: CPLPriority, right: CPLPriority) -> Bool { left.rawValue < right.rawValue }

    /// - Parameter text: a header's value; `nil` for one that the RFC does not know.
    init?(_ text: [UInt8]) {
        switch String(decoding: text, as: UTF8.self).lowercased() {
        case "non-urgent": self = .nonUrgent
        case "normal": self = .normal
        case "urgent": self = .urgent
        case "emergency": self = .emergency
        default: return nil
        }
    }
}

enum CPLPriorityMatch: Sendable, Equatable {
    case less(CPLPriority)
    case greater(CPLPriority)
    case equal(CPLPriority)
    /// A word of nobody's list, which is only ever equal to itself.
    case equalText([UInt8])
}

/// Adds an address to the location set.
struct CPLLocation: Sendable {
    var url: [UInt8]
    /// Thousandths, 0 to 1000.
    var priority: Int
    /// The set is emptied first.
    var clears: Bool
}

/// Adds what somebody knows to the location set.
struct CPLLookup: Sendable {
    enum Source: Sendable, Equatable {
        /// Where the user is registered.
        case registration
        case other(String)
    }

    var source: Source
    var clears: Bool
    var success: CPLNode?
    var notFound: CPLNode?
    var failure: CPLNode?
}

/// Sends the call to the location set.
struct CPLProxy: Sendable {
    enum Ordering: String, Sendable, CaseIterable {
        case parallel, sequential
        case firstOnly = "first-only"
    }
    /// The ways in which it can end without an answer of 2xx.
    enum Outcome: String, Sendable, CaseIterable { case busy, noanswer, redirection, failure }

    /// Seconds; `nil` where the document leaves it out.
    var timeout: Int?
    /// Whether redirections are followed here.
    var recurses: Bool
    var ordering: Ordering
    var outputs: [Outcome: Output]
    /// The output called `default`.
    var fallback: Output?

    /// An output that is written; an empty one is the default action.
    struct Output: Sendable { var node: CPLNode? }

    /// Where it goes on after an ending; `nil` where the script has nothing for it, so that the answer goes upstream.
    func output(for outcome: Outcome) -> Output? { self.outputs[outcome] ?? self.fallback }
}
