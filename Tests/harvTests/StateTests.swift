import Foundation
import Glibc
import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("--state: a log is read in parts")
struct StateTests {
    // MARK: Traffic

    /// A folder of its own, gone with the test.
    private final class Folder {
        let path: String
        init() {
            let folder = FileManager.default.temporaryDirectory.appending(path: "harv-state-\(UUID().uuidString)")
            self.path = folder.path
            try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: self.path) }
        func write(_ name: String, _ bytes: some Sequence<UInt8>, appending: Bool = false) {
            let descriptor = open(
                "\(self.path)/\(name)", O_WRONLY | O_CREAT | (appending ? O_APPEND : O_TRUNC), 0o600)
            defer { close(descriptor) }
            let bytes = Array(bytes)
            #expect(bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
        }
        func bytes(_ name: String) -> [UInt8] {
            let descriptor = open("\(self.path)/\(name)", O_RDONLY)
            defer { close(descriptor) }
            var status = stat()
            fstat(descriptor, &status)
            return FileBytes.read(descriptor, 0..<Int(status.st_size)) ?? []
        }
        func rename(_ old: String, _ new: String) { Glibc.rename("\(self.path)/\(old)", "\(self.path)/\(new)") }
    }

    /// The next number below a limit of a generator that is the same everywhere.
    private struct Dice {
        var state: UInt64
        mutating func roll(_ limit: Int) -> Int {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(self.state >> 33) % limit
        }
    }

    /// A proxy's log by line: calls that are relayed and last a while, refused ones, registrations with a challenge, OPTIONS,
    /// repeats, TCP in segments. Sorted by time, so that nothing is by itself for long.
    private static func log(seed: UInt64, calls: Int, start: Int64 = 1_772_000_000, apart: Int = 900) -> [UInt8] {
        var dice = Dice(state: seed)
        var blocks: [(time: Int64, text: String)] = []
        func add(_ time: Int64, _ way: String, _ lines: [String], body: String = "", letter: String = "U") {
            let message = (lines + ["Content-Length: \(body.utf8.count)"]).map { "\($0).\n" }.joined() + ".\n"
            let text = body.split(separator: "\r\n").map { "\($0).\n" }.joined()
            blocks.append((time, "\(letter) \(Self.stamp(time)) \(way)\n\(message)\(text)\n"))
        }
        let server = "192.0.2.10:5060"
        for call in 0..<calls {
            let begin = start * 1000 + Int64(call * apart + dice.roll(500))
            let phone = "203.0.113.\(5 + dice.roll(40)):5060"
            let other = "198.51.100.\(7 + dice.roll(5)):5060"
            let (user, callee) = (dice.roll(30), dice.roll(50))
            let agent = ["Phone 1.0", "Softphone 2", "Adapter 7.1"][dice.roll(3)]
            func head(_ method: String, _ number: Int, to tag: String = "", relayed: Bool = false) -> [String] {
                let own =
                    "Via: SIP/2.0/UDP \(phone);branch=z9hG4bK\(call)-\(method == "ACK" ? "INVITE" : method)\(number)"
                let via =
                    relayed ? ["Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKs\(call)-\(method)\(number)", own] : [own]
                return via + [
                    "From: <sip:u\(user)@example.net>;tag=f\(call)", "To: <sip:c\(callee)@example.net>\(tag)",
                    "Call-ID: c\(call)-\(start)@x", "CSeq: \(number) \(method)",
                ]
            }
            switch dice.roll(4) {
            case 0:
                let seconds = [60, 3600][dice.roll(2)]
                let more = ["Contact: <sip:u\(user)@\(phone)>;expires=\(seconds)", "User-Agent: \(agent)"]
                add(begin, "\(phone) -> \(server)", ["REGISTER sip:example.net SIP/2.0"] + head("REGISTER", 1) + more)
                add(
                    begin + 3, "\(server) -> \(phone)", ["SIP/2.0 401 Unauthorized"] + head("REGISTER", 1, to: ";tag=s")
                )
                add(
                    begin + 40, "\(phone) -> \(server)",
                    ["REGISTER sip:example.net SIP/2.0"] + head("REGISTER", 2) + more
                        + ["Authorization: Digest username=\"u\(user)\", nonce=\"n\(call)\", response=\"r\(call)\""])
                add(begin + 44, "\(server) -> \(phone)", ["SIP/2.0 200 OK"] + head("REGISTER", 2, to: ";tag=s") + more)
            case 1:
                add(begin, "\(server) -> \(phone)", ["OPTIONS sip:\(phone) SIP/2.0"] + head("OPTIONS", 1))
                if dice.roll(5) > 0 {
                    add(
                        begin + 9, "\(phone) -> \(server)",
                        ["SIP/2.0 200 OK"] + head("OPTIONS", 1) + ["Server: \(agent)"])
                }
            default:
                let sdp =
                    "v=0\r\no=- \(call) 1 IN IP4 10.0.0.\(user)\r\ns=-\r\nc=IN IP4 10.0.0.\(user)\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8\r\n"
                let start = "INVITE sip:c\(callee)@example.net SIP/2.0"
                let contact = ["Contact: <sip:u\(user)@\(phone)>", "Max-Forwards: 70", "User-Agent: \(agent)"]
                add(begin, "\(phone) -> \(server)", [start] + head("INVITE", 1) + contact, body: sdp)
                if dice.roll(6) == 0 {
                    add(begin + 500, "\(phone) -> \(server)", [start] + head("INVITE", 1) + contact, body: sdp)
                }
                add(begin + 2, "\(server) -> \(phone)", ["SIP/2.0 100 Trying"] + head("INVITE", 1))
                add(
                    begin + 4, "\(server) -> \(other)",
                    [start] + head("INVITE", 1, relayed: true) + contact + [
                        "P-hint: \(callee % 2 == 0 ? "USRLOC" : "PSTN")"
                    ], body: sdp)
                guard dice.roll(9) > 0 else { continue }
                let ring = begin + 100 + Int64(dice.roll(3000))
                add(
                    ring, "\(other) -> \(server)",
                    ["SIP/2.0 180 Ringing"] + head("INVITE", 1, to: ";tag=t", relayed: true))
                add(ring + 1, "\(server) -> \(phone)", ["SIP/2.0 180 Ringing"] + head("INVITE", 1, to: ";tag=t"))
                let final = ring + Int64(500 + dice.roll(9000))
                let status = ["200 OK", "200 OK", "486 Busy Here", "503 Service Unavailable", "404 Not Found"][
                    dice.roll(5)]
                add(
                    final, "\(other) -> \(server)",
                    ["SIP/2.0 \(status)"] + head("INVITE", 1, to: ";tag=t", relayed: true),
                    body: status.hasPrefix("2") ? sdp : "")
                add(
                    final + 1, "\(server) -> \(phone)", ["SIP/2.0 \(status)"] + head("INVITE", 1, to: ";tag=t"),
                    body: status.hasPrefix("2") ? sdp : "")
                add(
                    final + 30, "\(phone) -> \(server)",
                    ["ACK sip:c\(callee)@example.net SIP/2.0"] + head("ACK", 1, to: ";tag=t"))
                guard status.hasPrefix("2"), dice.roll(12) > 0 else { continue }
                let end = final + Int64(4000 + dice.roll(200_000))
                add(
                    end, "\(phone) -> \(server)",
                    ["BYE sip:c\(callee)@example.net SIP/2.0"] + head("BYE", 2, to: ";tag=t"))
                add(end + 5, "\(server) -> \(phone)", ["SIP/2.0 200 OK"] + head("BYE", 2, to: ";tag=t"))
            }
        }
        // Messages over TCP, in two segments each, with the empty line that `ngrep -q` puts behind each.
        for number in 0..<calls / 10 {
            let time = start * 1000 + Int64(number * apart * 10 + 77)
            let head =
                "OPTIONS sip:x@example.net SIP/2.0.\nVia: SIP/2.0/TCP 203.0.113.200;branch=z9hG4bKt\(number).\nFrom: <sip:t@x>;tag=\(number).\n"
            let rest = "To: <sip:x@x>.\nCall-ID: t\(number)-\(start).\nCSeq: 1 OPTIONS.\nContent-Length: 0.\n.\n"
            blocks.append((time, "T \(Self.stamp(time)) 203.0.113.200:5060 -> 192.0.2.10:5060 [A]\n\(head)\n\n"))
            blocks.append(
                (time + 350, "T \(Self.stamp(time + 350)) 203.0.113.200:5060 -> 192.0.2.10:5060 [AP]\n\(rest)\n\n"))
        }
        let sorted = blocks.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        return Array(sorted.map(\.element.text).joined().utf8)
    }

    private static func stamp(_ milliseconds: Int64) -> String {
        let time = TimeText.iso(milliseconds * 1_000_000)
        return
            "\(time.prefix(10).split(separator: "-").joined(separator: "/")) \(time.dropFirst(11).prefix(8)).\(String(milliseconds % 1000 + 1000).dropFirst())000"
    }

    // MARK: Runs

    private static func run(
        _ path: String, state: String?, jobs: Int = 1, isQuiet: Bool = false, complaints: (String) -> Void = { _ in }
    ) throws -> Summary {
        var trace = TraceRun(paths: [path])
        trace.jobs = jobs
        guard let state else { return try trace.run() }
        let keeper = try StateKeeper(state, options: [])
        trace.options.keepsHours = true
        keeper.prepare(&trace)
        let now = Int(time(nil))
        trace.growing?.now = isQuiet ? now + 3600 : now
        let summary = try trace.run(from: keeper.takeTables)
        try keeper.save()
        for input in summary.inputs where !input.damage.isEmpty { complaints(input.damage) }
        return summary
    }

    private static func json(_ summary: Summary) -> String { JSONReport(summary: summary).text() }

    @Test(
        "cut anywhere, the last report is that of one run over all", arguments: [1, 2, 3, 4, 5, 6] as [UInt64], [1, 2])
    func cuts(seed: UInt64, jobs: Int) throws {
        let folder = Folder()
        let log = Self.log(seed: seed, calls: 300)
        var dice = Dice(state: seed &* 977)
        let places = (0..<7).map { _ in dice.roll(log.count) }.sorted() + [log.count]
        var before = 0
        var last = ""
        for place in places {
            folder.write("sip.log", log[before..<place], appending: true)
            before = place
            last = Self.json(
                try Self.run(
                    "\(folder.path)/sip.log", state: "\(folder.path)/state", jobs: jobs, isQuiet: place == log.count))
        }
        let whole = try Self.run("\(folder.path)/sip.log", state: nil)
        #expect(whole.messages.all.raw > 1500)
        #expect(whole.findings.count > 5)
        #expect(last == Self.json(whole))
    }

    @Test("a message that is still written is neither lost nor counted twice")
    func halfMessage() throws {
        let folder = Folder()
        let log = Self.log(seed: 9, calls: 20)
        let header = try #require(
            log.indices.dropLast(2).last { log[$0] == 0x0A && log[$0 + 1] == 0x55 && log[$0 + 2] == 0x20 })
        let half = header + 150
        let (path, state) = ("\(folder.path)/sip.log", "\(folder.path)/state")
        let whole = try {
            folder.write("sip.log", log)
            return try Self.run(path, state: nil).messages.all.raw
        }()
        folder.write("sip.log", log[..<half])
        #expect(try Self.run(path, state: state).messages.all.raw == whole - 1)
        // Nothing new, but nobody writes any more: the report has it, as a message that breaks off.
        let quiet = try Self.run(path, state: state, isQuiet: true)
        #expect(quiet.messages.all.raw + quiet.messages.malformed == whole)
        folder.write("sip.log", log[half...], appending: true)
        #expect(try Self.run(path, state: state, isQuiet: true).messages.all.raw == whole)
        #expect(try Self.run(path, state: state, isQuiet: true).messages.all.raw == whole)
    }

    @Test(
        "a rotated log is read to its end before the new one",
        arguments: ["sip.log.1", "sip.log-20260302", "sip-1.log"])
    func rotation(name: String) throws {
        let folder = Folder()
        let log = Self.log(seed: 21, calls: 200)
        let (path, state) = ("\(folder.path)/sip.log", "\(folder.path)/state")
        let text = Array(log)
        let middle = text.count / 2
        let turn = try #require(
            (middle..<text.count).first { text[$0] == 0x55 && text[$0 - 1] == 0x0A && text[$0 - 2] == 0x0A })
        folder.write("sip.log", text[..<(turn / 2)])
        _ = try Self.run(path, state: state)
        folder.write("sip.log", text[(turn / 2)..<turn], appending: true)
        folder.rename("sip.log", name)
        folder.write("sip.log", text[turn...])
        let parts = try Self.run(path, state: state, isQuiet: true)
        folder.write("whole.txt", text)
        let whole = try Self.run("\(folder.path)/whole.txt", state: nil)
        #expect(parts.messages == whole.messages)
        #expect(parts.inputs.first?.bytes == text.count)
        #expect(parts.inputs.first?.damage == "")
        #expect(parts.calls == whole.calls)
        #expect(
            parts.findings.map { "\($0.diagnosis.id) \($0.count)" }
                == whole.findings.map { "\($0.diagnosis.id) \($0.count)" })
    }

    @Test("a log that is rotated twice, copied and emptied, or gone")
    func rotations() throws {
        let folder = Folder()
        let (path, state) = ("\(folder.path)/sip.log", "\(folder.path)/state")
        func part(_ number: Int64) -> [UInt8] {
            Self.log(seed: UInt64(number), calls: 40, start: 1_772_000_000 + number * 1000)
        }
        func count(_ numbers: Int64...) throws -> Int {
            folder.write("whole.txt", numbers.flatMap(part))
            return try Self.run("\(folder.path)/whole.txt", state: nil).messages.all.raw
        }
        func run() throws -> (raw: Int, damage: String) {
            let summary = try Self.run(path, state: state, isQuiet: true)
            return (summary.messages.all.raw, summary.inputs.first?.damage ?? "")
        }
        folder.write("sip.log", part(1))
        #expect(try run().raw == count(1))
        // Twice.
        folder.rename("sip.log", "sip.log.2")
        folder.write("sip.log.1", part(2))
        folder.write("sip.log", part(3))
        #expect(try run() == (count(1, 2, 3), ""))
        // Copied and emptied (copytruncate): the same inode, another content.
        folder.write("sip.log", part(4), appending: true)
        folder.write("sip.log.1", folder.bytes("sip.log"))
        folder.write("sip.log", part(5).prefix(3000))
        let copied = try run()
        #expect(copied.damage == "")
        #expect(copied.raw > (try count(1, 2, 3, 4)))
        // Written anew: all of it is read, and the report says so.
        folder.write("sip.log", part(6))
        let anew = try run()
        #expect(anew.damage.contains("emptied or written anew, and what it had behind byte"))
        // Less the message that broke off, which only the report had.
        #expect(anew.raw == (try copied.raw - 1 + count(6)))
        // Gone.
        for name in ["sip.log", "sip.log.1", "sip.log.2"] { unlink("\(folder.path)/\(name)") }
        folder.write("other", part(7))
        folder.rename("other", "sip.log")
        let gone = try run()
        // Less the last message, which the state had not taken yet.
        #expect(gone.raw == (try anew.raw - 1 + count(7)))
        // Nothing new.
        #expect(try run().raw == gone.raw)
    }

    // MARK: The file

    private static func failure(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("a damaged, foreign or cut state is refused and left as it is")
    func damage() throws {
        let folder = Folder()
        folder.write("sip.log", Self.log(seed: 5, calls: 60))
        let (path, state) = ("\(folder.path)/sip.log", "\(folder.path)/state")
        _ = try Self.run(path, state: state)
        let good = folder.bytes("state")
        func refusal(_ bytes: [UInt8]) -> String {
            folder.write("state", bytes)
            let text = Self.failure { _ = try Self.run(path, state: state) }
            #expect(folder.bytes("state") == bytes)
            return text
        }
        var dice = Dice(state: 3)
        for _ in 0..<40 {
            var bytes = good
            bytes[36 + dice.roll(bytes.count - 36)] ^= UInt8(1 + dice.roll(255))
            #expect(refusal(bytes).contains("damaged, its checksum does not fit"))
        }
        for length in [8, 20, 35, 36, good.count / 2, good.count - 1] {
            let text = refusal(Array(good[..<length]))
            #expect(text.contains(length < 36 ? "cut short" : "damaged"))
        }
        var other = good
        other[8] = 99
        #expect(refusal(other).contains("format 99, this one has \(StateFile.format)"))
        #expect(
            refusal(Array("precious notes of mine, no state".utf8)).contains("no state of harv; it is left as it is"))
        folder.write("state", good)
        #expect(Self.failure { _ = try Self.run(path, state: state) } == "")
    }

    @Test("a body that fits its checksum and means nothing ends with an error")
    func nonsense() throws {
        let folder = Folder()
        folder.write("sip.log", Self.log(seed: 5, calls: 20))
        _ = try Self.run("\(folder.path)/sip.log", state: "\(folder.path)/state")
        let body = Array(folder.bytes("state")[36...])
        #expect(throws: Never.self) { try StateReader.value(Kept.self, of: body[...]) }
        for length in stride(from: 0, to: body.count - 1, by: max(1, body.count / 300)) {
            #expect(throws: (any Error).self) { try StateReader.value(Kept.self, of: body[..<length]) }
        }
        #expect(throws: (any Error).self) { try StateReader.value(Kept.self, of: body + [0]) }
    }

    @Test("two runs at once: the second does nothing")
    func lock() throws {
        let folder = Folder()
        let state = "\(folder.path)/state"
        let first = try StateFile(state)
        #expect(Self.failure { _ = try StateFile(state) }.contains("another harv works with it"))
        withExtendedLifetime(first) {}
    }

    @Test("what cannot be written leaves the old state, and says so")
    func unwritable() throws {
        let folder = Folder()
        let file = try StateFile("\(folder.path)/state")
        try file.save([1, 2, 3])
        mkdir("\(folder.path)/state.tmp", 0o700)
        defer { rmdir("\(folder.path)/state.tmp") }
        #expect(Self.failure { try file.save([4]) }.contains("the old state stays"))
        #expect(folder.bytes("state") == [1, 2, 3])
    }

    @Test("other options than before are refused, with the option")
    func options() throws {
        let folder = Folder()
        let state = "\(folder.path)/state"
        folder.write("sip.log", Self.log(seed: 5, calls: 20))
        do {
            var trace = TraceRun(paths: ["\(folder.path)/sip.log"])
            let keeper = try StateKeeper(state, options: [.init(name: "--filter", value: "code >= 400")])
            keeper.prepare(&trace)
            _ = try trace.run()
            try keeper.save()
        }
        let text = Self.failure { _ = try StateKeeper(state, options: [.init(name: "--filter", value: "")]) }
        #expect(text.contains("another --filter (\"code >= 400\", now none)"))
    }

    // MARK: Hours

    @Test("the same hours of last week are what one run over them alone has")
    func week() throws {
        let folder = Folder()
        let (path, state) = ("\(folder.path)/sip.log", "\(folder.path)/state")
        let monday: Int64 = 1_772_006_400
        // Eight days, an hour each; the last is another Monday, and worse.
        for day in 0..<8 as Range<Int64> {
            let log = Self.log(
                seed: UInt64(day + 50), calls: day == 7 ? 80 : 60, start: monday + day * 86_400, apart: 9000)
            folder.write("sip.log", log, appending: true)
            let before = day == 0 ? nil : try StateFile(state).load()?.analyser.summary.lastTime
            let summary = try Self.run(path, state: state, isQuiet: true)
            let week = try #require(WeekComparison(summary, before: before))
            if day < 7 {
                #expect(week.old == nil)
                #expect(week.text().contains("the state collects since \(TimeText.date(monday * 1_000_000_000))"))
                continue
            }
            let old = try #require(week.old)
            folder.write("old", Self.log(seed: 50, calls: 60, start: monday, apart: 9000))
            folder.write("new", log)
            for (name, figures) in [("old", old), ("new", week.new)] {
                let alone = try Self.run("\(folder.path)/\(name)", state: nil)
                #expect(figures.calls.tried == alone.calls.tried)
                #expect(figures.calls.outcomes == alone.calls.outcomes)
                #expect(figures.calls.completed == alone.calls.completed)
                #expect(figures.registrations.good == alone.registrations.good)
                #expect(figures.pings.answered == alone.pings.answered)
                #expect(figures.messages.all == alone.messages.all)
                #expect(figures.calls.setup.count == alone.calls.setup.count)
                let (a, b) = (
                    try #require(figures.calls.setup.quantile(0.5)), try #require(alone.calls.setup.quantile(0.5))
                )
                #expect(abs(Double(a - b)) < 0.1 * Double(b))
            }
            let ser = try #require(Threshold("delta.ser<0"))
            let expected = try #require(week.new.calls.establishment) - (try #require(old.calls.establishment))
            #expect(ser.value(summary, baseline: week.baseline) == expected)
            #expect(week.text().contains("calls                           "))
        }
    }

    @Test("hours are kept for eight days, the newest")
    func bound() throws {
        let folder = Folder()
        folder.write("sip.log", Self.log(seed: 1, calls: 300, apart: 3_600_000))
        let summary = try Self.run("\(folder.path)/sip.log", state: "\(folder.path)/state", isQuiet: true)
        let hours = try #require(summary.hours?.hours.keys)
        #expect(hours.count == HourBook.maxHours)
        #expect(hours.max() == HourBook.hour(try #require(summary.lastTime)))
    }
}
