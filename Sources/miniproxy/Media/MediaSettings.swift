import SIPKit

/// What the media relay may use, and for how long it waits.
struct MediaSettings: Sendable {
    /// Ports of the relay: even ones carry RTP, the odd ones behind them RTCP.
    var ports: ClosedRange<UInt16> = 35_000...45_999
    /// The addresses it sends from, best first; one of the family that a side needs is taken.
    var addresses: [IPAddress] = []
    /// How long after an offer or an answer the first packet of a phone behind NAT is believed.
    var window: TimerInterval = .seconds(15)
    /// A call whose packets have stopped for so long is over.
    var idle: TimerInterval = .seconds(120)
    /// A call that has not been answered; one that was refused ends this way too, where the script does not end it.
    var ringing: TimerInterval = .seconds(300)
    /// A call on hold may be silent for so long.
    var hold: TimerInterval = .seconds(3_600)
    var sessionLimit = 4_000
    var streamLimit = 8
}
