import SIPKit
import SIPNet

/// One seed of the simulation: a network with faults, a proxy, phones, and what they do.
struct SimulatedCall {
    enum Plot: Int, CaseIterable {
        case answer, calleeHangsUp, busy, cancel, cancelRace, fork, forkRace, allRefuse, refusedEverywhere, deadBranch,
            deadPhone, neverAnswers, silentAfterRinging, away, message, silentMessage, prack
    }

    let seed: UInt64
    let plot: Plot
    let loss: Double
    let withUsers: Bool
    private(set) var complaints: [String] = []
    /// Whether what was to happen has happened; bad luck is for the loss to explain.
    private(set) var isComplete = false
    private var random: SplitMix64
    private let network: MemoryNetwork

    init(seed: UInt64) {
        self.seed = seed
        self.random = SplitMix64(seed: seed &* 0x9E37_79B9)
        self.plot = Plot.allCases[Int(self.random.next() % UInt64(Plot.allCases.count))]
        self.loss = [0, 0.1, 0.3][Int(seed % 3)]
        self.withUsers = self.random.next() % 4 == 0
        let delay = Duration.milliseconds(1)...Duration.milliseconds(Int64(self.random.next() % 60) + 1)
        self.network = MemoryNetwork(
            seed: seed, conditions: .init(loss: self.loss, duplication: 0.1, reordering: 0.2, delay: delay))
    }

    private mutating func between(_ low: Int, _ high: Int) -> Int {
        low + Int(self.random.next() % UInt64(high - low + 1))
    }

    mutating func run() {
        let proxy = SimulatedProxy(self.network, withUsers: self.withUsers)
        let alice = self.phone("alice", 1)
        let bobs = (1...3).map { self.phone("bob\($0)", 10 + $0) }
        proxy.named = Set(([alice] + bobs).map(\.address))
        let count: Int =
            switch self.plot {
            case .away: 0
            case .fork, .forkRace, .allRefuse, .refusedEverywhere: 3
            case .deadBranch: 2
            default: 1
            }
        let phones = Array(bobs.prefix(count))
        for phone in phones { phone.register(password: self.withUsers ? "b" : nil) {} }
        // Registration takes as long as it takes, loss or not; then the call begins in quiet.
        self.network.run(until: self.network.now.adding(milliseconds: 700_000))
        let goal = self.begin(alice, phones)
        if !self.network.run(until: self.network.now.adding(milliseconds: 600_000), limit: 20_000) {
            self.complaints.append("a storm: \(self.network.sentCount) messages")
        }
        if self.network.nextEvent != nil { self.complaints.append("it is not quiet after ten minutes") }
        proxy.judgeEnd()
        self.isComplete = goal()
        self.complaints += ([alice] + bobs).flatMap(\.complaints) + proxy.complaints
        if self.loss == 0, !self.isComplete {
            self.complaints.append("nothing was lost, and the end is not as it should be")
        }
        if proxy.sentCount > 6 * (proxy.receivedCount + 20) {
            self.complaints.append("\(proxy.sentCount) messages sent for \(proxy.receivedCount)")
        }
    }

    /// All that was sent, for whoever looks for the reason.
    var trace: String {
        self.network.records.map { record in
            let text = String(decoding: record.bytes, as: UTF8.self)
            let cSeq = text.split(separator: "\r\n" as Character).first { $0.hasPrefix("CSeq") } ?? ""
            return "\(record.sent.nanoseconds / 1_000_000) \(record.fate) \(record.source) > \(record.destination) "
                + "\(text.prefix { $0 != "\r\n" }) [\(cSeq)]"
        }.joined(separator: "\n")
    }

    private func phone(_ name: String, _ number: Int) -> SimulatedPhone {
        SimulatedPhone(
            name, SocketAddress("10.0.1.\(number):5060")!, proxy: SimulatedProxy.address, self.network)
    }

    // MARK: What happens

    /// Rings, and answers or refuses.
    private func plan(_ phone: SimulatedPhone, ringAfter: Int, then status: Int, after: Int, headers: String = "") {
        phone.onInvite = { [unowned phone] incoming in
            phone.after(ringAfter) { phone.answer(incoming, headers.isEmpty ? 180 : 183, headers: headers) }
            guard status > 0 else { return }
            phone.after(after) { phone.answer(incoming, status) }
        }
    }

    /// Starts the plot.
    ///
    /// - Returns: whether it has come to its end, to be asked when all is quiet.
    private mutating func begin(_ alice: SimulatedPhone, _ bobs: [SimulatedPhone]) -> () -> Bool {
        let password = self.withUsers ? "a" : nil
        let ring = self.between(0, 300)
        let answer = ring + self.between(10, 3_000)
        func call(cancelAfter: Int? = nil, talk: Int? = 2_000, prack: Bool = false) -> SimulatedPhone.Call {
            alice.call("bob", password: password, cancelAfter: cancelAfter, talk: talk, usesPRACK: prack)
        }
        switch self.plot {
        case .answer:
            self.plan(bobs[0], ringAfter: ring, then: 200, after: answer)
            let made = call(talk: self.between(100, 5_000))
            return { made.status == 200 && made.hangUpStatus == 200 && bobs[0].hasEnded }
        case .calleeHangsUp:
            var bye: SimulatedPhone.Outgoing?
            let (bob, talk) = (bobs[0], self.between(50, 3_000))
            bob.onInvite = { [unowned bob] incoming in
                bob.after(ring) { bob.answer(incoming, 180) }
                bob.after(answer) { bob.answer(incoming, 200) }
                bob.after(answer + talk) { bye = bob.hangUp(incoming) }
            }
            let made = call(talk: nil)
            return { made.status == 200 && bye?.finals.first?.status == 200 }
        case .busy:
            self.plan(
                bobs[0], ringAfter: ring, then: [486, 404, 480, 500, 603, 302][self.between(0, 5)], after: answer)
            let made = call()
            return { made.status >= 300 && made.status != 408 && bobs[0].hasEnded }
        case .cancel:
            self.plan(bobs[0], ringAfter: ring, then: 0, after: 0)
            let made = call(cancelAfter: ring + self.between(150, 5_000))
            return { made.isCanceled ? made.status == 487 && bobs[0].hasEnded : true }
        case .cancelRace:
            self.plan(bobs[0], ringAfter: ring, then: 200, after: answer)
            let made = call(cancelAfter: answer + self.between(-120, 120))
            return { made.status == 487 || (made.status == 200 && made.hangUpStatus == 200) }
        case .fork:
            for bob in bobs { self.plan(bob, ringAfter: self.between(0, 300), then: 0, after: 0) }
            self.plan(bobs[self.between(0, 2)], ringAfter: ring, then: 200, after: answer)
            let made = call()
            return { made.status == 200 && made.hangUpStatus == 200 && bobs.allSatisfy(\.hasEnded) }
        case .forkRace:
            for bob in bobs { self.plan(bob, ringAfter: ring, then: 200, after: answer + self.between(0, 120)) }
            let made = call()
            return { made.status == 200 && made.hangUpStatus == 200 && bobs.allSatisfy(\.hasEnded) }
        case .allRefuse:
            for (bob, status) in zip(bobs, [486, 404, 480]) {
                self.plan(bob, ringAfter: ring, then: status, after: self.between(10, 3_000))
            }
            let made = call()
            return { [404, 480, 486].contains(made.status) && bobs.allSatisfy(\.hasEnded) }
        case .refusedEverywhere:
            for bob in bobs { self.plan(bob, ringAfter: ring, then: 0, after: 0) }
            self.plan(bobs[0], ringAfter: ring, then: 603, after: answer)
            let made = call()
            return { made.status == 603 && bobs.allSatisfy(\.hasEnded) }
        case .deadBranch:
            self.network.detach(bobs[0].address)
            self.plan(bobs[1], ringAfter: ring, then: 200, after: answer)
            let made = call()
            return { made.status == 200 && made.hangUpStatus == 200 }
        case .deadPhone:
            self.network.detach(bobs[0].address)
            let made = call()
            return { made.status == 408 || made.isTimedOut }
        case .neverAnswers:
            self.plan(bobs[0], ringAfter: ring, then: 0, after: 0)
            let made = call()
            return { made.status == 408 && bobs[0].hasEnded }
        case .silentAfterRinging:
            // The phone goes away while it rings; its caller may hang up.
            self.plan(bobs[0], ringAfter: ring, then: 0, after: 0)
            let (bob, network) = (bobs[0], self.network)
            let made = call(cancelAfter: self.random.next() & 1 == 0 ? nil : 20_000)
            alice.after(10_000) { network.detach(bob.address) }
            return { made.isCanceled ? made.status == 487 : made.status == 408 }
        case .away:
            let made = call()
            return { made.status == 480 || made.status == 404 }
        case .message:
            bobs[0].otherStatus = [200, 202, 404, 486][self.between(0, 3)]
            if self.withUsers { return { true } }
            let made = alice.message("bob")
            return { [unowned bob = bobs[0]] in made.finals.first?.status == bob.otherStatus }
        case .silentMessage:
            bobs[0].otherStatus = 0
            if self.withUsers { return { true } }
            let made = alice.message("bob")
            return { made.finals.isEmpty && made.isGivenUp }
        case .prack:
            let headers = "Require: 100rel\r\nRSeq: 1\r\n"
            self.plan(bobs[0], ringAfter: ring, then: 200, after: answer + 500, headers: headers)
            let made = call(prack: true)
            return { [unowned bob = bobs[0]] in
                made.status == 200 && made.hangUpStatus == 200
                    && bob.incoming.values.contains { $0.request.method == "PRACK" }
            }
        }
    }
}

extension SimulatedPhone {
    /// Whether every call that came here is over: refused, cancelled, or answered and acknowledged.
    var hasEnded: Bool {
        self.incoming.values.allSatisfy { $0.request.method != "INVITE" || ($0.status >= 200 && $0.isAcknowledged) }
    }
}
