import SIPKit
import SIPTrace

/// Everything that harv counted in a trace: what the report, JSON and comparisons are made from.
struct Summary: Sendable, Codable {
    /// One of the inputs, as it turned out.
    struct Input: Sendable, Equatable, Codable {
        var name: String
        var format: String
        var bytes = 0
        /// Why reading ended early; empty when it did not.
        var damage = ""
    }

    var inputs: [Input] = []
    var messages = MessageCounts()
    var calls = CallFigures()
    var registrations = RegistrationFigures()
    var pings = PingFigures()
    var agents = AgentTable()
    var hints = LabelTable()
    var nodes = NodeLearner()
    var noise = NoiseSources()
    /// Sources that guess passwords or flood: their calls and registrations are not among the figures.
    var leftOut: [LeftOut] = []
    /// Those of them that are no scanners, which are told apart.
    var guilty: [LeftOut] { self.leftOut.filter { $0.rules != ["S1"] } }
    var text = TextStatistics()
    var series = TimeSeries<Happenings>()
    /// Calls by the hour, for the week's picture: hours since 1970.
    var hourly: [Int64: Int] = [:]
    /// Calls by the caller's agent, as the agents' table numbers them.
    var agentCalls: [UInt32: CallTally] = [:]
    /// Who began conversations: calls, registrations, everything.
    var talkers = TalkerTable()
    /// What servers said about where a call went: Request-URI in and out (`Warning: 392`).
    var numberPlan: [NumberPlanEntry: Int] = [:]
    /// Ladders of example calls by their Call-ID, for the page.
    var ladders: [String: String] = [:]
    var groups: CallGroups? = nil
    /// What became of each user's registrations, where it was asked for.
    var users: RegisteredUsers? = nil
    /// The expression that chose the conversations; empty when all count.
    var filter = ""
    var firstTime: Int64? = nil
    var lastTime: Int64? = nil
    /// Whether the times are dates.
    var hasDates = true
    var hasTimes = true
    /// Messages whose time lies before that of the message in front of them.
    var backwards = 0
    /// The longest step back.
    var furthestBack: Int64 = 0
    var icmp: [ICMPNote: Int] = [:]
    var hops: [SocketAddress: NextHop] = [:]
    /// Requests that a server passed on, and how many of them carry a route label.
    var relayedRequests = 0
    var labelledRequests = 0
    /// What the rules found, the worst first.
    var findings: [Finding] = []
    /// The ladder of the call that was asked for.
    var ladder: String? = nil
    /// The calls of the number or user name that was asked for.
    var search: CallSearch? = nil
    /// The first calls, one by one.
    var callLines: [CallLine] = []
    /// Conversations closed early because a limit was reached; figures may be too low then.
    var closedEarly = 0
    /// Messages in conversations that were too long to be kept whole.
    var unkept = 0
    var forgottenHops = 0
    /// Times in which the server took requests and sent nothing.
    var stalls = StallWatch()
    /// How often the time jumped ahead by a minute and more in busy traffic, and how far at most.
    var jumps = ClockJumps()
    /// Addresses that sent messages without a User-Agent or Server, the servers themselves left out.
    var namelessDevices = 0
    /// Whether scanners, guessers and floods are counted with the rest (`--include-noise`).
    var includesNoise = false
    /// What tables of messages count (`--count`).
    var counting = Counting.unique
    /// With `--state`: figures by the hour.
    var hours: HourBook? = nil
    /// Whether reading was stopped by the user.
    var isPartial = false

    struct ICMPNote: Hashable, Sendable, Codable {
        var type: UInt8
        var code: UInt8
        var from: IPAddress
        var to: IPAddress
    }

    /// Answers that were received on another hop than the one they came back on tell that both sides were captured.
    var hasBothSides: Bool { self.messages.all.relayed > 0 }
}

/// Calls and how many of them were answered.
struct CallTally: Sendable, Equatable, Codable {
    var calls = 0
    var answered = 0
}

/// A Request-URI as it came in and as it went out.
struct NumberPlanEntry: Hashable, Sendable, Codable {
    var inURI: String
    var outURI: String
}

/// Route labels (`P-hint`), each once.
struct LabelTable: Sendable, Equatable, Codable {
    private(set) var labels: [[UInt8]] = [[]]
    /// How many packets carry each.
    private(set) var counts: [Int] = [0]
    /// How many messages carry each, repeats left out.
    private(set) var onceCounts: [Int] = [0]
    /// How many messages that the users' side saw carry each; empty where that was not asked for.
    private(set) var edgeCounts: [Int] = []
    static let maxLabels = 1_000

    /// How many messages carry the label in a place.
    func count(_ place: Int, _ counting: Counting) -> Int {
        switch counting {
        case .raw: self.counts[place]
        case .unique: self.onceCounts[place]
        case .edge: place < self.edgeCounts.count ? self.edgeCounts[place] : 0
        }
    }

    mutating func takeEdges(_ counts: [Int]) { self.edgeCounts = counts }

    mutating func number(_ bytes: Span<UInt8>, _ range: ByteRange, isRepeat: Bool) -> UInt16 {
        for place in 1..<max(1, self.labels.count) where Self.equal(self.labels[place], bytes, range) {
            self.counts[place] += 1
            if !isRepeat { self.onceCounts[place] += 1 }
            return UInt16(place)
        }
        guard self.labels.count < Self.maxLabels, !range.isEmpty else { return 0 }
        self.labels.append(bytes.copy(range))
        self.counts.append(1)
        self.onceCounts.append(isRepeat ? 0 : 1)
        return UInt16(self.labels.count - 1)
    }

    private static func equal(_ label: [UInt8], _ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
        label.count == range.count && bytes.equals(range, label.span, ByteRange(0, label.count))
    }
}
