import SIPKit
import SIPTrace

/// A short trace for an example: a healthy call, registration or ping through a server, with something changed.
///
/// A phone behind a router (192.168.1.2 inside, 203.0.113.5:1024 outside) and a callee at 198.51.100.7 talk through the
/// server 192.0.2.10. Each change is remembered in words, so that the manual can print what is wrong in the example.
struct Scene: Sendable {
    struct Message: Sendable {
        /// `INVITE in`, `200 out`: what it is called in changes.
        var label: String
        /// Seconds from the beginning.
        var time: Double
        var from: String
        var to: String
        var start: String
        var headers: [(name: String, value: String)]
        var body: String
        /// Written instead of the body's true length.
        var contentLength: Int?

        var text: String {
            var text = self.start + "\r\n"
            for (name, value) in self.headers { text += "\(name): \(value)\r\n" }
            if !self.body.isEmpty { text += "Content-Type: application/sdp\r\n" }
            return text + "Content-Length: \(self.contentLength ?? self.body.utf8.count)\r\n\r\n" + self.body
        }
    }

    var messages: [Message] = []
    /// What was changed, in words.
    var changes: [String] = []
    /// How long the trace goes on after the last message.
    private(set) var tail = 300.0
    /// How often the whole scene happens, each time with another Call-ID.
    private(set) var times = 1

    /// Whether the messages are given out as repaired mail, and whether a router complains.
    var isMangled = false
    var hasICMP = false
    /// What the command line says about hosts.
    var known = KnownHosts()
    /// Lines of the server's log.
    var logLines: [String] = []
    /// Sound, when the scene is a capture that has it.
    var sound: [Sound] = []

    /// Packets of 20 ms each.
    struct Sound: Sendable {
        var from: String
        var to: String
        var start: Double
        var seconds: Double
        /// Every so many packets one is missing; 0 for none.
        var losesEvery = 0
    }

    static let phone = "203.0.113.5:1024"
    static let server = "192.0.2.10:5060"
    static let callee = "198.51.100.7:5060"

    // MARK: Changes

    private func change(_ words: String, _ edit: (inout Scene) -> Void) -> Scene {
        var scene = self
        edit(&scene)
        scene.changes.append(words)
        return scene
    }

    private mutating func forEach(_ label: String, _ edit: (inout Message) -> Void) {
        for place in self.messages.indices where self.messages[place].label == label || label == "*" {
            edit(&self.messages[place])
        }
    }

    /// Replaces text in a message's start line, headers or body.
    func replacing(_ label: String, _ old: String, _ new: String) -> Scene {
        self.change("\(label): `\(old)` is `\(new)`") { scene in
            scene.forEach(label) { message in
                message.start = Self.replace(message.start, old, new)
                message.body = Self.replace(message.body, old, new)
                for place in message.headers.indices {
                    let line = Self.replace("\(message.headers[place].name): \(message.headers[place].value)", old, new)
                    let bytes = Array(line.utf8)
                    guard let colon = bytes.firstIndex(of: ASCII.colon) else { continue }
                    message.headers[place].name = String(decoding: bytes[..<colon], as: UTF8.self)
                    message.headers[place].value = String(decoding: bytes[colon...].dropFirst(2), as: UTF8.self)
                }
            }
        }
    }

    func dropping(_ labels: String...) -> Scene {
        self.change("without \(labels.joined(separator: ", "))") { scene in
            scene.messages.removeAll { labels.contains($0.label) }
        }
    }

    func adding(_ header: String, _ value: String, to label: String) -> Scene {
        self.change("\(label) has `\(header): \(value)`") { scene in
            scene.forEach(label) { $0.headers.append((header, value)) }
        }
    }

    func without(_ header: String, in label: String) -> Scene {
        self.change("\(label) has no \(header)") { scene in
            scene.forEach(label) { $0.headers.removeAll { $0.name == header } }
        }
    }

    /// The message once more, this many seconds after its first time.
    func again(_ label: String, after seconds: Double...) -> Scene {
        self.change("\(label) again after \(seconds.map { NumberText.fixed($0, 2) }.joined(separator: ", ")) s") {
            scene in
            guard let first = scene.messages.first(where: { $0.label == label }) else { return }
            for delay in seconds {
                var copy = first
                copy.time += delay
                copy.label = "\(label) again"
                scene.messages.append(copy)
            }
        }
    }

    func to(_ label: String, _ address: String) -> Scene {
        self.change("\(label) goes to \(address)") { scene in scene.forEach(label) { $0.to = address } }
    }

    func from(_ label: String, _ address: String) -> Scene {
        self.change("\(label) comes from \(address)") { scene in scene.forEach(label) { $0.from = address } }
    }

    func at(_ label: String, _ seconds: Double) -> Scene {
        self.change("\(label) at \(NumberText.fixed(seconds, 2)) s") { scene in
            scene.forEach(label) { $0.time = seconds }
        }
    }

    /// Everything from a message on happens this much later.
    func later(from label: String, by seconds: Double) -> Scene {
        self.change("from \(label) on \(NumberText.fixed(seconds, 2)) s later") { scene in
            guard let time = scene.messages.first(where: { $0.label == label })?.time else { return }
            for place in scene.messages.indices where scene.messages[place].time >= time {
                scene.messages[place].time += seconds
            }
        }
    }

    func body(_ label: String, _ body: String) -> Scene {
        self.change("\(label) has \(body.isEmpty ? "no body" : "another body")") { scene in
            scene.forEach(label) { $0.body = body }
        }
    }

    func contentLength(_ label: String, _ length: Int) -> Scene {
        self.change("\(label) says Content-Length: \(length)") { scene in
            scene.forEach(label) { $0.contentLength = length }
        }
    }

    func inserting(_ message: Message) -> Scene {
        self.change("with \(message.label)") { $0.messages.append(message) }
    }

    /// A message of its own made from another one, to be changed further.
    func copying(_ label: String, as name: String, at seconds: Double) -> Scene {
        self.change("\(name), like \(label), at \(NumberText.fixed(seconds, 2)) s") { scene in
            guard var copy = scene.messages.first(where: { $0.label == label }) else { return }
            copy.label = name
            copy.time = seconds
            scene.messages.append(copy)
        }
    }

    /// Another scene so much later, as another call.
    func then(_ other: Scene, after seconds: Double, as words: String) -> Scene {
        self.change("after \(NumberText.fixed(seconds, 0)) s \(words)") { scene in
            for var message in other.messages {
                message.time += seconds
                message.label = "\(words): \(message.label)"
                message.headers = message.headers.map {
                    (
                        $0.name,
                        Self.replace(
                            Self.replace($0.value, "call-1", "call-1-\(Int(seconds))"), "z9hG4bK",
                            "z9hG4bK\(Int(seconds))")
                    )
                }
                scene.messages.append(message)
            }
            scene.changes += other.changes
        }
    }

    /// The trace ends right behind its last message.
    var cutOff: Scene { self.change("the trace ends there") { $0.tail = 0 } }

    func happening(_ times: Int) -> Scene { self.change("\(times) times") { $0.times = times } }

    static func replace(_ text: String, _ old: String, _ new: String) -> String {
        let (bytes, wanted) = (Array(text.utf8), Array(old.utf8))
        guard !wanted.isEmpty else { return text }
        var output: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if at + wanted.count <= bytes.count, bytes[at..<at + wanted.count].elementsEqual(wanted) {
                output += Array(new.utf8)
                at += wanted.count
            } else {
                output.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Playing

    /// Gives every message to an analyser, as a reader would; the trace goes on for ``tail`` seconds.
    func play(into analyser: inout Analyser) {
        analyser.declare(servers: [SocketAddress(Self.server)].compactMap { $0 })
        if self.isMangled {
            var statistics = TextStatistics()
            statistics.mangled = self.messages.count
            analyser.note(statistics)
        }
        if self.hasICMP, let router = IPAddress("198.51.100.1"), let server = IPAddress("192.0.2.10") {
            analyser.note(icmp: .init(type: 3, code: 3, from: router, to: server))
        }
        for line in self.logLines { analyser.note(LogLine(time: nil, text: line)) }
        let begin: Int64 = 1_772_431_200_000_000_000
        self.playSound(from: begin, into: &analyser)
        var at = begin
        for round in 0..<self.times {
            var last = 0.0
            for message in self.messages.sorted(by: { $0.time < $1.time }) {
                let text =
                    round == 0
                    ? message.text
                    : Self.replace(
                        Self.replace(message.text, "call-1", "call-\(round + 1)"), "z9hG4bK", "z9hG4bK\(round)")
                Self.deliver(text, message.from, message.to, at + Int64(message.time * 1e9), into: &analyser)
                last = max(last, message.time)
            }
            at += Int64((last + (self.times > 1 ? 5 : 0)) * 1e9)
        }
        if self.tail > 0 {
            let ping =
                "OPTIONS sip:late@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.200:5060;branch=z9hG4bKlate\r\nMax-Forwards: 70\r\n"
                + "From: <sip:x@example.net>;tag=l\r\nTo: <sip:late@192.0.2.10>\r\nCall-ID: late\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
            Self.deliver(ping, "203.0.113.200:5060", Self.server, at + Int64(self.tail * 1e9), into: &analyser)
        }
    }

    private func playSound(from begin: Int64, into analyser: inout Analyser) {
        guard !self.sound.isEmpty else { return }
        analyser.expectMedia()
        let tracker = MediaTracker()
        for (place, sound) in self.sound.enumerated() {
            guard let source = SocketAddress(sound.from), let destination = SocketAddress(sound.to) else { continue }
            for packet in 0..<Int(sound.seconds * 50)
            where sound.losesEvery == 0 || packet % sound.losesEvery != sound.losesEvery - 1 {
                var bytes: [UInt8] = [0x80, 0, UInt8(packet >> 8 & 0xFF), UInt8(packet & 0xFF)]
                let stamp = packet * 160
                bytes += [24, 16, 8, 0].map { UInt8(stamp >> $0 & 0xFF) } + [0, 0, 0, UInt8(place + 1)]
                bytes += [UInt8](repeating: 0xD5, count: 160)
                let time = begin + Int64(sound.start * 1e9) + Int64(packet) * 20_000_000
                let origin = MessageOrigin(
                    time: time, source: source, destination: destination, transport: .udp, frame: 0)
                tracker.take(origin, bytes.span)
            }
        }
        analyser.note(media: tracker.streams)
    }

    private static func deliver(
        _ text: String, _ from: String, _ to: String, _ time: Int64, into analyser: inout Analyser
    ) {
        guard let source = SocketAddress(from), let destination = SocketAddress(to) else { return }
        let bytes = Array(text.utf8)
        let origin = MessageOrigin(time: time, source: source, destination: destination, transport: .udp, frame: 0)
        analyser.take(bytes.span, origin, hasTime: true)
    }

    // MARK: Making

    mutating func add(
        _ label: String, _ time: Double, _ from: String, _ to: String, _ start: String, _ headers: [(String, String)],
        _ body: String = ""
    ) {
        self.messages.append(
            Message(
                label: label, time: time, from: from, to: to, start: start, headers: headers, body: body,
                contentLength: nil))
    }
}
