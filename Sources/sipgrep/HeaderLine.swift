import Glibc
import SIPKit
import SIPTrace

/// The line before a message: letter, time, addresses; what `ngrep` prints since 1999, to the byte.
struct HeaderLine {
    let clock: Settings.Clock
    let showsProtocolNumber: Bool
    /// Whether the line stands alone, without the message after it (`-qqq`).
    let standsAlone: Bool
    private var localClock = LocalClock()
    /// Whether the line's colour tells what the message is.
    private let isColoured: Bool
    private let usesOldLetters: Bool
    private var previous: Int64?
    private var first: Int64?

    init(_ settings: Settings) {
        self.clock = settings.effectiveClock
        self.showsProtocolNumber = settings.showsProtocolNumber
        self.standsAlone = settings.quiet > 2
        self.isColoured = settings.isColoured
        self.usesOldLetters = settings.usesOldLetters
    }

    /// Writes `U 2026/11/21 03:50:20.311555 192.0.2.1:5060 -> 192.0.2.2:5060`, without what follows it in some forms.
    mutating func write(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        guard self.isColoured else { return self.writePlain(origin, to: &output) }
        MessageColour.begin(message, to: &output)
        self.writePlain(origin, to: &output)
        MessageColour.end(to: &output)
    }

    private mutating func writePlain(_ origin: MessageOrigin, to output: inout OutputBuffer) {
        output.write(byte: self.usesOldLetters ? Self.oldLetter(origin) : Self.letter(origin))
        if self.showsProtocolNumber {
            output.write(byte: ASCII.openParen)
            output.write(number: origin.transport == .udp ? 17 : origin.transport == .sctp ? 132 : 6)
            output.write(byte: ASCII.closeParen)
        }
        output.write(byte: ASCII.space)
        self.writeTime(origin.time, to: &output)
        output.write(origin.source.ip)
        output.write(byte: ASCII.colon)
        output.write(number: Int(origin.source.port))
        output.write(" -> ")
        output.write(origin.destination.ip)
        output.write(byte: ASCII.colon)
        output.write(number: Int(origin.destination.port))
        if let wireLength = origin.wireLength {
            output.write(" [cut ")
            output.write(number: origin.capturedLength)
            output.write("/")
            output.write(number: wireLength)
            output.write("]")
        }
    }

    /// T and U as `ngrep`; S for SCTP, L for TLS, W and X for WebSocket without and with TLS, H for what came by HEP.
    static func letter(_ origin: MessageOrigin) -> UInt8 {
        if origin.viaHEP { return 0x48 }
        return switch origin.transport {
        case .udp: 0x55
        case .tcp: 0x54
        case .tls: 0x4C
        case .ws: 0x57
        case .wss: 0x58
        case .sctp: 0x53
        }
    }

    /// Programs that read ngrep's output know T and U.
    private static func oldLetter(_ origin: MessageOrigin) -> UInt8 { origin.transport == .udp ? 0x55 : 0x54 }

    private mutating func writeTime(_ time: Int64, to output: inout OutputBuffer) {
        switch self.clock {
        case .none: return
        case .absolute:
            let second = time.floorDivided(by: 1_000_000_000)
            let parts = self.localClock.parts(of: second)
            output.write(number: Int(parts.tm_year) + 1900, width: 4)
            output.write(byte: ASCII.slash)
            output.write(number: Int(parts.tm_mon) + 1, width: 2)
            output.write(byte: ASCII.slash)
            output.write(number: Int(parts.tm_mday), width: 2)
            output.write(byte: ASCII.space)
            Self.writeTimeOfDay(parts, micros: Int((time &- second &* 1_000_000_000) / 1000), to: &output)
        case .delta:
            Self.writeDelta(from: self.previous ?? time, to: time, &output)
            self.previous = time
        case .deltaFromFirst:
            if self.first == nil { self.first = time }
            Self.writeDelta(from: self.first ?? time, to: time, &output)
        }
        output.write(byte: ASCII.space)
    }

    static func writeTimeOfDay(_ parts: tm, micros: Int, to output: inout OutputBuffer) {
        output.write(number: Int(parts.tm_hour), width: 2)
        output.write(byte: ASCII.colon)
        output.write(number: Int(parts.tm_min), width: 2)
        output.write(byte: ASCII.colon)
        output.write(number: Int(parts.tm_sec), width: 2)
        output.write(byte: ASCII.dot)
        output.write(number: micros, width: 6)
    }

    /// `+0.000406`; captures of several inputs may go back: `-0.000120`. The difference is one of whole microseconds, so
    /// that it agrees with the times that are shown.
    static func writeDelta(from start: Int64, to end: Int64, _ output: inout OutputBuffer) {
        let delta = end.floorDivided(by: 1000) &- start.floorDivided(by: 1000)
        output.write(byte: delta < 0 ? ASCII.minus : ASCII.plus)
        let micros = Int(clamping: delta.magnitude)
        output.write(number: micros / 1_000_000)
        output.write(byte: ASCII.dot)
        output.write(number: micros % 1_000_000, width: 6)
    }
}

extension Int64 {
    /// Division that rounds down also for times before 1970.
    func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
