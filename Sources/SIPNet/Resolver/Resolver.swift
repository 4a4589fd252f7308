import SIPKit
import Synchronization

/// Finds out where a URI leads (RFC 3263), beside the loops: nobody ever waits for a name server.
///
/// ```swift
/// let resolver = try Resolver(Resolver.Options()) { loop.waker.wake() }
/// if let known = resolver.known(request, now: now) { … }         // from the cache, at once
/// resolver.ask(number, request)                                 // else: the answer comes with `takeAnswers()`
/// ```
public final class Resolver: Sendable {
    public struct Options: Sendable {
        /// Name servers to ask instead of the system's.
        public var servers: [SocketAddress] = []
        /// For the first try of a question; a second one has twice as long.
        public var timeout = Duration.milliseconds(1_500)
        public var tries = 2
        /// Answers that are remembered.
        public var cacheLimit = 10_000
        /// Searches that may be under way; more are answered with a failure.
        public var searchLimit = 10_000
        /// For the choice among SRV records; the system's randomness where it is `nil`.
        public var seed: UInt64?

        public init() {}
    }

    private struct Search {
        var number: UInt64
        var request: ResolverRequest
        /// What is asked and not yet answered.
        var open: Set<DNSQuestion>
        /// Answers that have come for this search: also those that the cache does not keep.
        var answers: [DNSQuestion: DNSAnswer] = [:]
        var rounds = 0
    }

    private struct State {
        var cache: DNSCache
        var random: SplitMix64
        var searches: [Search] = []
        /// Questions that are with the name server: asked once however many want to know.
        var asked: Set<DNSQuestion> = []
        var finished: [(number: UInt64, resolution: Resolution)] = []
    }

    private let state: Mutex<State>
    private let client = Mutex<DNSClient?>(nil)
    private let options: Options
    private let wake: @Sendable () -> Void
    private let clock = SystemClock()

    /// - Parameter wake: called from another thread when there are answers.
    public init(_ options: Options = Options(), wake: @escaping @Sendable () -> Void) {
        self.options = options
        self.wake = wake
        var system = SystemRandomNumberGenerator()
        let seed = options.seed ?? system.next()
        self.state = Mutex(State(cache: DNSCache(limit: options.cacheLimit), random: SplitMix64(seed: seed)))
    }

    deinit { self.client.withLock { $0?.stop() } }

    // MARK: Asking

    /// What is known without asking anybody: addresses, and names whose answers have not run out.
    public func known(_ request: ResolverRequest, now: MonotonicTime) -> Resolution? {
        self.state.withLock { state in
            var search = TargetSearch(request)
            let cache = state.cache
            guard
                case .found(let resolution) = search.run(using: &state.random, answers: { cache.answer($0, now: now) })
            else { return nil }
            return resolution
        }
    }

    /// Finds out; the answer comes with ``takeAnswers()`` under the same number, once.
    public func ask(_ number: UInt64, _ request: ResolverRequest) {
        let questions = self.state.withLock { state -> [DNSQuestion] in
            guard state.searches.count < self.options.searchLimit else {
                state.finished.append(
                    (number, Resolution(targets: [], steps: [], failure: "too many names are being looked up")))
                return []
            }
            var search = Search(number: number, request: request, open: [])
            let questions = self.advance(&search, &state)
            if !search.open.isEmpty { state.searches.append(search) }
            return questions
        }
        self.send(questions)
        if self.state.withLock({ !$0.finished.isEmpty }) { self.wake() }
    }

    /// What has been found out since the last call.
    public func takeAnswers() -> [(number: UInt64, resolution: Resolution)] {
        self.state.withLock { state in
            defer { state.finished = [] }
            return state.finished
        }
    }

    // MARK: Searching

    /// Goes on with one search: it ends, or has open questions.
    ///
    /// - Returns: the questions that nobody has asked yet.
    private func advance(_ search: inout Search, _ state: inout State) -> [DNSQuestion] {
        let now = self.clock.now()
        var targets = TargetSearch(search.request)
        let (own, cache) = (search.answers, state.cache)
        search.rounds += 1
        switch targets.run(using: &state.random, answers: { own[$0] ?? cache.answer($0, now: now) }) {
        case .found(let resolution):
            state.finished.append((search.number, resolution))
            search.open = []
            return []
        case .ask(let questions):
            // NAPTR, SRV, addresses: what asks for more than that goes in a circle.
            guard search.rounds <= 6 else {
                state.finished.append(
                    (search.number, Resolution(targets: [], steps: [], failure: "the answers do not lead to an end")))
                search.open = []
                return []
            }
            search.open = Set(questions)
            let new = questions.filter { !state.asked.contains($0) }
            state.asked.formUnion(new)
            return new
        }
    }

    private func send(_ questions: [DNSQuestion]) {
        guard !questions.isEmpty else { return }
        let client = self.client.withLock { client -> DNSClient? in
            if client == nil { client = self.makeClient() }
            return client
        }
        for question in questions where client?.ask(question) != true {
            self.answered(question, DNSAnswer(.failed("the resolver is not available"), lifetime: 1))
        }
    }

    /// Made with the first question: who only knows addresses has no thread for names.
    private func makeClient() -> DNSClient? {
        var options = DNSClient.Options()
        options.servers = self.options.servers
        options.timeout = self.options.timeout
        options.tries = self.options.tries
        return try? DNSClient(options) { [weak self] question, answer in self?.answered(question, answer) }
    }

    private func answered(_ question: DNSQuestion, _ answer: DNSAnswer) {
        let (questions, isAny) = self.state.withLock { state -> ([DNSQuestion], Bool) in
            state.asked.remove(question)
            state.cache.keep(answer, for: question, now: self.clock.now())
            var questions: [DNSQuestion] = []
            var remaining: [Search] = []
            let before = state.finished.count
            var searches: [Search] = []
            swap(&searches, &state.searches)
            for var search in searches {
                if search.open.remove(question) != nil {
                    search.answers[question] = answer
                    if search.open.isEmpty { questions += self.advance(&search, &state) }
                    if search.open.isEmpty { continue }
                }
                remaining.append(search)
            }
            state.searches = remaining
            return (questions, state.finished.count > before)
        }
        self.send(questions)
        if isAny { self.wake() }
    }
}
