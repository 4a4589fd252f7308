import Glibc
import SIPKit
import SIPNet
import Synchronization

/// The database as the proxy uses it: questions go in from any loop, threads that may wait answer them.
///
///     ask(rows)  ─> readers, a connection each ─> AnswerDesk of the loop
///     ask(save)  ─> writer: all that waits is one transaction ─> one fsync ─> all answers
///
/// The loops never wait. What is asked while everything is stuck, or beyond the queues' ends, has failed at once: the
/// script answers 500 or 503, and who can do without the database is served as ever.
final class Database: Sendable {
    private struct Read: Sendable {
        var find: @Sendable (any Store) throws(StoreError) -> RowSet
        var deliver: @Sendable (Answer) -> Void
    }

    private enum Write: Sendable {
        case save(LocationChange, deliver: @Sendable (Answer) -> Void)
        case change([TableChange], deliver: @Sendable (Answer) -> Void)
        case call(@Sendable (any Store) -> Void)
    }

    /// Whether one side of the database works, so that the log says it once when that changes.
    private struct Health {
        var isDown = false
        var lastComplaint = 0
    }

    let location: DatabaseLocation
    /// How contacts are written, for each contact table.
    let contactTables: [[UInt8]: LocationRows]
    private let log: ProxyLog
    private let reads = WorkQueue<Read>(limit: Database.queueLimit)
    private let writes = WorkQueue<Write>(limit: Database.queueLimit)
    private let readHealth = Mutex(Health())
    private let writeHealth = Mutex(Health())
    /// Since which second each thread works on one thing, 0 while it waits; the last one is the writer's.
    private let busySince: Mutex<[Int]>
    private let ended = WorkQueue<Bool>(limit: 1)

    /// How many questions may wait in each of the two queues.
    static let queueLimit = 10_000
    /// How many changes become one transaction at most.
    static let groupLimit = 500
    /// A database that holds all its threads up for this many seconds is asked nothing more until it lets one go.
    static let patience = 3

    /// - Parameter store: a connection that is open already; it becomes the writer's.
    init(
        _ location: DatabaseLocation, store: sending any Store, contactTables: [LocationRows], log: ProxyLog
    ) throws(StoreError) {
        self.location = location
        self.contactTables = Dictionary(contactTables.map { ($0.table, $0) }, uniquingKeysWith: { first, _ in first })
        self.log = log
        self.busySince = Mutex(Array(repeating: 0, count: location.readers + 1))
        let writer = Handed(store)
        var isStarted = DetachedThread.start("db writer") { [self] in self.writeAll(writer.store) }
        for reader in 0..<location.readers {
            let store = Handed(try location.open())
            isStarted =
                DetachedThread.start("db reader \(reader)") { [self] in self.readAll(reader, store.store) } && isStarted
        }
        guard isStarted else { throw StoreError(.unreachable, "\(location): the system gives no more threads") }
    }

    /// A connection on its way to the thread that will own it.
    private struct Handed: @unchecked Sendable {
        let store: any Store
        init(_ store: any Store) { self.store = store }
    }

    // MARK: Asking

    /// Takes a question up.
    ///
    /// - Returns: `false` for one that is none of a database's, or that cannot be taken now: it has failed.
    func ask(_ number: UInt32, _ question: Question, _ desk: AnswerDesk) -> Bool {
        let deliver: @Sendable (Answer) -> Void = { desk.put(number, $0) }
        switch question {
        case .addresses, .media: return false
        case .rows(let query):
            return self.read({ (store) throws(StoreError) in try store.rows(query) }, deliver)
        case .statement(let step):
            let find: @Sendable (any Store) throws(StoreError) -> RowSet = { (store) throws(StoreError) in
                try store.query(step.sql, step.values)
            }
            // What changes something waits its turn behind what was asked before.
            let isReading = step.sql.prefix { $0.isLetter }.lowercased() == "select"
            return isReading
                ? self.read(find, deliver)
                : self.write(.call { [self] store in deliver(self.answer(find, store, self.writeHealth)) })
        case .change(let changes): return self.write(.change(changes, deliver: deliver))
        case .save(let change): return self.write(.save(change, deliver: deliver))
        }
    }

    private func read(
        _ find: @escaping @Sendable (any Store) throws(StoreError) -> RowSet,
        _ deliver: @escaping @Sendable (Answer) -> Void
    ) -> Bool {
        guard self.location.readers > 0 else {
            return self.writes.put(.call { [self] store in deliver(self.answer(find, store, self.readHealth)) })
        }
        return !self.isStuck(readers: true) && self.reads.put(Read(find: find, deliver: deliver))
    }

    /// Writes changes of contacts when there is time, and says how many were written.
    func save(_ changes: [LocationChange], done: @escaping @Sendable (Int) -> Void) {
        guard !changes.isEmpty else { return done(0) }
        let count = SaveCount(waiting: changes.count)
        for change in changes {
            let deliver: @Sendable (Answer) -> Void = { answer in
                if let saved = count.answered(answer == .saved) { done(saved) }
            }
            if !self.write(.save(change, deliver: deliver)) { deliver(.failed) }
        }
    }

    /// Carries steps out when there is time; whether they could be is for the log alone.
    func perform(_ steps: [SQLStep]) {
        _ = self.write(
            .call { [self] store in
                do throws(StoreError) {
                    try store.perform(steps)
                    self.works(self.writeHealth)
                } catch {
                    self.complain(self.writeHealth, error)
                }
            })
    }

    /// Does something on the writer's connection, and waits for it: for people at the control socket, never for a loop.
    func call<Result: Sendable>(
        _ body: @escaping @Sendable (any Store) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let reply = WorkQueue<Swift.Result<Result, StoreError>>(limit: 1)
        let isTaken = self.write(
            .call { store in
                do throws(StoreError) {
                    _ = reply.put(.success(try body(store)))
                } catch {
                    _ = reply.put(.failure(error))
                }
            })
        guard isTaken, let result = reply.take(most: 1, within: 20).first else {
            throw StoreError(.unreachable, "\(self.location): does not answer now")
        }
        return try result.get()
    }

    private func write(_ write: Write) -> Bool { !self.isStuck(readers: false) && self.writes.put(write) }

    /// Writes what was taken and ends the threads.
    func finish() {
        self.reads.close()
        self.writes.close()
        _ = self.ended.take(most: 1, within: 15)
    }

    private func isStuck(readers: Bool) -> Bool {
        let since = self.busySince.withLock { busy in
            readers ? busy.dropLast().min() ?? 0 : busy.last ?? 0
        }
        return since > 0 && Self.second() - since >= Self.patience
    }

    // MARK: Readers

    private func readAll(_ reader: Int, _ store: any Store) {
        while let read = self.reads.take(most: 1).first {
            self.busySince.withLock { $0[reader] = Self.second() }
            let answer = self.answer(read.find, store, self.readHealth)
            self.busySince.withLock { $0[reader] = 0 }
            read.deliver(answer)
        }
    }

    private func answer(
        _ find: @Sendable (any Store) throws(StoreError) -> RowSet, _ store: any Store,
        _ health: borrowing Mutex<Health>
    ) -> Answer {
        do throws(StoreError) {
            let answer = Answer.rows(try find(store).texts)
            self.works(health)
            return answer
        } catch {
            self.complain(health, error)
            return .failed
        }
    }

    // MARK: The writer

    private func writeAll(_ store: any Store) {
        let place = self.location.readers
        while true {
            let batch = self.writes.take(most: Self.groupLimit)
            guard !batch.isEmpty else { break }
            self.busySince.withLock { $0[place] = Self.second() }
            var group: [Group] = []
            for write in batch {
                switch write {
                case .save(let change, let deliver):
                    guard let rows = self.contactTables[change.table.name] else {
                        deliver(.failed)
                        continue
                    }
                    group.append(
                        Group(steps: rows.steps(for: change), change: change, deliver: deliver))
                case .change(let changes, let deliver):
                    do throws(StoreError) {
                        group.append(
                            Group(
                                steps: try changes.map { (change) throws(StoreError) in try change.step }, change: nil,
                                deliver: deliver))
                    } catch {
                        self.complain(self.writeHealth, error)
                        deliver(.failed)
                    }
                case .call(let body):
                    // What was asked before is done before.
                    self.commit(group, store)
                    group = []
                    body(store)
                }
            }
            self.commit(group, store)
            self.busySince.withLock { $0[place] = 0 }
        }
        _ = self.ended.put(true)
    }

    /// Changes of one question, to be made together with those of others.
    private struct Group {
        var steps: [SQLStep]
        var change: LocationChange?
        var deliver: @Sendable (Answer) -> Void
    }

    private func commit(_ group: [Group], _ store: any Store) {
        guard !group.isEmpty else { return }
        do throws(StoreError) {
            var counts = try store.perform(group.flatMap(\.steps))[...]
            self.works(self.writeHealth)
            for part in group {
                let own = counts.prefix(part.steps.count)
                counts = counts.dropFirst(part.steps.count)
                if let change = part.change {
                    change.table.isDurable(change.key, upTo: change.stamp)
                    part.deliver(.saved)
                } else {
                    part.deliver(.changed(own.reduce(0, +)))
                }
            }
        } catch {
            guard error.kind == .refused, group.count > 1 else {
                self.complain(self.writeHealth, error)
                for part in group {
                    // What is refused once is refused for ever: it is not tried again with every other change.
                    if error.kind == .refused, let change = part.change {
                        change.table.isDurable(change.key, upTo: change.stamp)
                    }
                    part.deliver(.failed)
                }
                return
            }
            for part in group { self.commit([part], store) }
        }
    }

    // MARK: What the log says

    private func works(_ health: borrowing Mutex<Health>) {
        let wasDown = health.withLock { health in
            defer { health.isDown = false }
            return health.isDown
        }
        if wasDown { self.log(2, "database \(self.location): works again") }
    }

    private func complain(_ health: borrowing Mutex<Health>, _ error: StoreError) {
        let now = Self.second()
        let says = health.withLock { health in
            if error.kind == .refused || error.kind == .misconfigured {
                defer { health.lastComplaint = now }
                return health.lastComplaint != now
            }
            defer { health.isDown = true }
            return !health.isDown
        }
        if says { self.log(-1, "database: \(Printable.text(Array(error.text.utf8)))") }
    }

    private static func second() -> Int { Int(SystemClock().now().nanoseconds / 1_000_000_000) }
}

/// How many of several changes have been answered, and how many were saved.
private final class SaveCount: Sendable {
    private let count: Mutex<(waiting: Int, saved: Int)>

    init(waiting: Int) { self.count = Mutex((waiting, 0)) }

    /// - Returns: how many were saved, with the last answer.
    func answered(_ isSaved: Bool) -> Int? {
        self.count.withLock { count in
            count.waiting -= 1
            count.saved += isSaved ? 1 : 0
            return count.waiting == 0 ? count.saved : nil
        }
    }
}
