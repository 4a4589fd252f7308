import SIPKit

/// One call on its way through a script.
///
/// It does nothing itself: it says what is to be done next, and is told what came of it.
struct CPLRun: Sendable {
    /// What the script wants.
    enum Step: Sendable, Equatable {
        /// The call goes on as if there were no script (RFC 3880 §11).
        case takesDefault
        /// The addresses that a source knows are wanted: ``found(_:)``.
        case lookUp(CPLLookup.Source)
        /// The call goes to all of these at once, at most for so many seconds: ``ended(status:contacts:)``.
        case proxy(to: [[UInt8]], timeout: Int?)
        case redirect([Target], isPermanent: Bool)
        case reject(status: Int, reason: [UInt8]?)
        /// The script has nothing for this ending: the answer that came goes to the caller.
        case passesAnswer
        /// The script went over one of its limits.
        case failed(String)
    }

    /// What it wants written down or sent on its way; the call does not wait for these.
    enum Note: Sendable, Equatable {
        case mail(String)
        case log(name: String?, comment: String?)
    }

    /// An address of the location set.
    struct Target: Sendable, Equatable {
        var uri: [UInt8]
        /// Thousandths.
        var priority: Int
    }

    /// What one call may cost.
    struct Limits: Sendable {
        var nodes = 500
        var proxies = 10
        var locations = 32
        /// Redirections that are followed for `recurse="yes"` (SER's `proxy_recurse`).
        var recursions = 0
    }

    private let call: CPLCall
    private let limits: Limits
    private(set) var notes: [Note] = []
    private var locations: [Target] = []
    private var visited = 0
    private var proxied = 0
    /// Whether the call was sent anywhere, or would have been had there been a place.
    private var hasActed = false
    private var followed = 0
    /// Where the call has been already: a redirection does not lead there again.
    private var tried: [[UInt8]] = []
    private var lookup: CPLLookup?
    private var proxy: CPLProxy?
    /// Of a sequential proxy: who is still to be asked, and the best refusal so far.
    private var waiting: [Target] = []
    private var bestStatus = 0

    init(_ call: CPLCall, limits: Limits = Limits()) {
        self.call = call
        self.limits = limits
    }

    mutating func takeNotes() -> [Note] {
        defer { self.notes = [] }
        return self.notes
    }

    // MARK: Events

    mutating func start(_ node: CPLNode?) -> Step { self.run(node) }

    /// The answer to ``Step/lookUp(_:)``; `nil` where the source could not be asked.
    mutating func found(_ contacts: [Target]?) -> Step {
        guard let lookup = self.lookup else { return .takesDefault }
        self.lookup = nil
        guard let contacts else { return self.run(lookup.failure) }
        if lookup.clears { self.locations = [] }
        guard !contacts.isEmpty else { return self.run(lookup.notFound) }
        for contact in contacts.prefix(self.limits.locations) { self.add(contact) }
        return self.run(lookup.success)
    }

    /// All to whom the call went have refused; 408 where nobody answered in time.
    ///
    /// - Parameter contacts: of a redirection.
    mutating func ended(status: Int, contacts: [Target] = []) -> Step {
        guard let proxy = self.proxy else { return .passesAnswer }
        if self.bestStatus == 0 || Self.rank(status) < Self.rank(self.bestStatus) { self.bestStatus = status }
        if let next = self.waiting.first, status < 600 {
            self.waiting.removeFirst()
            return self.send(to: [next], proxy)
        }
        let status = self.bestStatus
        self.bestStatus = 0
        self.waiting = []
        self.proxy = nil
        if (300..<400).contains(status), proxy.recurses, self.followed < self.limits.recursions {
            self.followed += 1
            self.locations = []
            for contact in contacts.prefix(self.limits.locations) where !self.tried.contains(contact.uri) {
                self.add(contact)
            }
            if !self.locations.isEmpty { return self.begin(proxy) }
        }
        self.locations = []
        if (300..<400).contains(status) {
            for contact in contacts.prefix(self.limits.locations) { self.add(contact) }
        }
        guard let output = proxy.output(for: Self.outcome(status)) else { return .passesAnswer }
        return self.run(output.node)
    }

    private static func outcome(_ status: Int) -> CPLProxy.Outcome {
        switch status {
        case 486, 600: .busy
        case 408: .noanswer
        case 300..<400: .redirection
        default: .failure
        }
    }

    /// The refusal that says most comes first (RFC 3261 §16.7).
    private static func rank(_ status: Int) -> Int { status >= 600 ? 0 : status / 100 }

    // MARK: Nodes

    private mutating func run(_ start: CPLNode?) -> Step {
        var node = start
        while let current = node {
            self.visited += 1
            guard self.visited <= self.limits.nodes else {
                return .failed("the script took more than \(self.limits.nodes) steps")
            }
            switch current {
            case .addressSwitch(let wanted):
                let value = self.call.part(wanted)
                node = Self.choose(wanted.choices, isPresent: value != nil) { match in
                    value.map { CPLCall.matches(match, $0, wanted) } ?? false
                }
            case .stringSwitch(let field, let choices):
                let value = self.call.text(field)
                node = Self.choose(choices, isPresent: value != nil) { match in
                    value.map { CPLCall.matches(match, $0) } ?? false
                }
            case .languageSwitch(let choices):
                node = Self.choose(choices, isPresent: self.call.languages != nil) { self.call.understands($0) }
            case .timeSwitch(let zone, let choices):
                let wall = CPLClock.wallSeconds(self.call.time, zone: zone)
                node = Self.choose(choices, isPresent: true) { $0.holds(utc: self.call.time, wall: wall) }
            case .prioritySwitch(let choices):
                node = Self.choose(choices, isPresent: self.call.priority != nil) { self.call.matches($0) }
            case .location(let location, let next):
                if location.clears { self.locations = [] }
                self.add(Target(uri: location.url, priority: location.priority))
                node = next
            case .removeLocation(let uri, let next):
                if let uri {
                    self.locations.removeAll { CPLCall.sameURI($0.uri, uri) }
                } else {
                    self.locations = []
                }
                node = next
            case .lookup(let lookup):
                self.lookup = lookup
                return .lookUp(lookup.source)
            case .proxy(let proxy): return self.begin(proxy)
            case .redirect(let isPermanent):
                let targets =
                    self.locations.isEmpty ? [Target(uri: self.call.destination.uri, priority: 1000)] : self.locations
                return .redirect(targets, isPermanent: isPermanent)
            case .reject(let status, let reason): return .reject(status: status, reason: reason)
            case .mail(let url, let next):
                self.notes.append(.mail(url))
                node = next
            case .log(let name, let comment, let next):
                self.notes.append(.log(name: name, comment: comment))
                node = next
            case .sub(let subaction): node = subaction.node
            }
        }
        return self.takeDefault()
    }

    /// The script says no more (RFC 3880 §11): after an attempt its answer counts; with locations of the script's own the
    /// call goes there; else it goes on as if there were no script.
    private mutating func takeDefault() -> Step {
        if self.hasActed { return .passesAnswer }
        if self.locations.isEmpty { return .takesDefault }
        return self.begin(CPLProxy(timeout: nil, recurses: true, ordering: .parallel, outputs: [:], fallback: nil))
    }

    private static func choose<Match>(
        _ choices: CPLChoices<Match>, isPresent: Bool, _ matches: (Match) -> Bool
    ) -> CPLNode? {
        for choice in choices.choices {
            switch choice {
            case .when(let match, let node): if matches(match) { return node }
            case .notPresent(let node): if !isPresent { return node }
            case .otherwise(let node): return node
            }
        }
        return nil
    }

    // MARK: Locations

    /// Sorted by priority; among equals the first stays first.
    private mutating func add(_ target: Target) {
        guard self.locations.count < self.limits.locations,
            !self.locations.contains(where: { $0.uri == target.uri })
        else { return }
        let place = self.locations.firstIndex { $0.priority < target.priority } ?? self.locations.count
        self.locations.insert(target, at: place)
    }

    private mutating func begin(_ proxy: CPLProxy) -> Step {
        self.proxy = proxy
        self.hasActed = true
        guard let first = self.locations.first else { return self.ended(status: 480) }
        switch proxy.ordering {
        case .parallel: return self.send(to: self.locations, proxy)
        case .firstOnly: return self.send(to: [first], proxy)
        case .sequential:
            self.waiting = Array(self.locations.dropFirst())
            return self.send(to: [first], proxy)
        }
    }

    private mutating func send(to targets: [Target], _ proxy: CPLProxy) -> Step {
        self.proxied += 1
        guard self.proxied <= self.limits.proxies else {
            return .failed("the script sent the call on more than \(self.limits.proxies) times")
        }
        self.tried += targets.map(\.uri)
        // RFC 3880 §6.1: twenty seconds where the script has something for nobody answering.
        let timeout = proxy.timeout ?? (proxy.output(for: .noanswer) == nil ? nil : 20)
        return .proxy(to: targets.map(\.uri), timeout: timeout)
    }
}
