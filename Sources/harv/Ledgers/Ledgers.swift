import SIPKit
import SIPTrace

/// What is remembered beyond one conversation, for the rules about long times and about everything together.
///
/// Each ledger is bounded by itself. Conversations are entered when they are over, in the order in which they ended, so
/// a failed call meets the registrations as they were when it was made. A class, because contexts look things up in it
/// while it stays one thing; it belongs to one thread at a time, and no ledger changes while another reads it: exclusive
/// access is not checked when the program runs.
final class Ledgers: @unchecked Sendable, Codable {
    let seed: UInt64
    let known: KnownHosts
    @exclusivity(unchecked) var registrations = RegistrationLedger()
    @exclusivity(unchecked) var registerRate = RateLedger()
    @exclusivity(unchecked) var absences = AbsenceLedger()
    @exclusivity(unchecked) var hops = HopLedger()
    @exclusivity(unchecked) var hours = HourLedger()
    @exclusivity(unchecked) var lengths = LengthLedger()
    @exclusivity(unchecked) var factors = FactorTable()
    @exclusivity(unchecked) var trust = TrustLedger()
    @exclusivity(unchecked) var accounts = AccountLedger()
    @exclusivity(unchecked) var guesses = GuessLedger()
    @exclusivity(unchecked) var serverTraces = ServerTraceLedger()
    @exclusivity(unchecked) var clocks = ClockLedger()
    @exclusivity(unchecked) var branches = BranchLedger()
    @exclusivity(unchecked) var habits = HabitLedger()
    @exclusivity(unchecked) var media = MediaLedger()
    @exclusivity(unchecked) var log = LogLedger()
    @exclusivity(unchecked) var outcomes = OutcomeLedger()
    @exclusivity(unchecked) var restarts = RestartLedger()

    init(seed: UInt64 = UInt64.random(in: 1...UInt64.max), known: KnownHosts = KnownHosts()) {
        self.seed = seed
        self.known = known
        self.hops.gateways = known.gateways
        self.trust.known = known
    }

    /// Enters a conversation that is over and is no noise.
    func note(_ context: CallContext) {
        self.clocks.note(context)
        self.serverTraces.note(context)
        self.habits.note(context)
        self.restarts.note(context)
        if context.hasRegister {
            self.registrations.note(context, seed: self.seed)
            self.registerRate.note(context)
            self.trust.noteRegistration(context, seed: self.seed)
        }
        guard let facts = context.facts else { return }
        self.factors.note(context.factors, facts, context.records)
        self.hops.note(context, facts, seed: self.seed)
        self.trust.note(context, facts, seed: self.seed)
        if context.hasTimes {
            self.hours.note(context, facts)
            self.lengths.note(facts, context.records)
            self.accounts.note(context, facts, seed: self.seed)
        }
        self.absences.note(context, facts, self.registrations, seed: self.seed)
        if self.media.isWanted { self.media.note(context, facts) }
    }
}

/// Cases of a rule that is judged at the end: the first few in full, the others as a number.
struct EvidenceList: Sendable, Codable {
    private(set) var first: [Evidence] = []
    private(set) var count = 0
    private var lastTime: Int64 = 0

    mutating func add(at time: Int64, _ evidence: @autoclosure () -> Evidence) {
        self.count += 1
        self.lastTime = max(self.lastTime, time)
        if self.first.count < Finding.maxCases { self.first.append(evidence()) }
    }

    /// The cases, the last of them standing for the rest.
    var evidence: [Evidence] {
        var all = self.first
        if let last = all.indices.last {
            all[last].count += self.count - all.count
            all[last].until = self.lastTime
        }
        return all
    }
}
