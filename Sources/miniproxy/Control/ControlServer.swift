import Glibc
import SIPKit
import Synchronization

/// The thread that people and their tools talk to: JSON-RPC over a Unix socket, SER's FIFO, figures over HTTP.
///
/// It waits with `poll` and works off one request at a time; the loops that carry messages do not notice it.
final class ControlServer: Sendable {
    private let settings: ControlSettings
    private let methods: ControlMethods
    private let log: ProxyLog
    private let isEnding = Atomic<Bool>(false)
    private let ended = WorkQueue<Bool>(limit: 1)

    /// Connections at a time; the next has to wait.
    static let clientLimit = 64

    init(
        _ settings: ControlSettings, state: ProxyState, statistics: StatisticsDesk, sockets: [ListenSocket],
        log: ProxyLog
    ) {
        self.settings = settings
        self.log = log
        // The loop ends as with SIGTERM: contacts are written, sockets closed.
        self.methods = ControlMethods(
            state: state, statistics: statistics, sockets: sockets, started: Int64(time(nil)),
            end: { Glibc.kill(getpid(), SIGTERM) })
    }

    /// Opens what was asked for and begins; what cannot be opened is said, and the proxy works without.
    func start() {
        var listeners: [ControlListener] = []
        if let path = self.settings.socket {
            do throws(SystemFailure) {
                listeners.append(try ControlListener.unixSocket(path, mode: self.settings.mode & 0o600))
                self.log(3, "control: \(path)")
            } catch {
                self.log(self.settings.isAsked ? -1 : 2, "control: \(error); there is no control socket")
            }
        }
        if let address = self.settings.metrics {
            do throws(SystemFailure) {
                listeners.append(try ControlListener.http(address))
                self.log(2, "figures: http://\(address)/metrics")
            } catch {
                self.log(-1, "figures: \(error)")
            }
        }
        var fifo: CommandFIFO?
        if let path = self.settings.fifo {
            do throws(SystemFailure) {
                fifo = try CommandFIFO(path, folder: self.settings.fifoFolder, mode: self.settings.mode)
                self.log(3, "fifo: \(path)")
            } catch {
                self.log(-1, "fifo: \(error); there is no FIFO")
            }
        }
        guard !listeners.isEmpty || fifo != nil else {
            _ = self.ended.put(true)
            return
        }
        let loop = ControlLoop(listeners: listeners, fifo: fifo, methods: self.methods)
        let isStarted = DetachedThread.start("control server") { [self] in
            while !self.isEnding.load(ordering: .acquiring) { loop.turn() }
            loop.close()
            _ = self.ended.put(true)
        }
        if !isStarted { _ = self.ended.put(true) }
    }

    func stop() {
        self.isEnding.store(true, ordering: .releasing)
        _ = self.ended.take(most: 1, within: 3)
    }
}

/// A system call that failed, with what it was for.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String

    init(_ text: String) { self.description = text }

    /// With the system's reason.
    init(_ text: String, code: Int32) { self.description = "\(text): \(String(cString: strerror(code)))" }
}
