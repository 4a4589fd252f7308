import SIPKit
import SIPNet

/// One side of a call's audio: sends 20 ms of sound at a time and counts what comes.
final class AudioPort {
    let local: SocketAddress
    private let endpoint: UDPEndpoint
    private let clock = SystemClock()
    private(set) var reception = RTPReception()
    private(set) var sent = 0
    /// Datagrams that were no RTP.
    private(set) var others = 0
    private var packet: RTPPacket
    private var peer: SocketAddress?
    private var next: MonotonicTime = .zero
    /// Whether packets go back to where they came from.
    private let echoes: Bool
    /// What is sent; `nil` sends nothing.
    private var audio: AudioSource?

    static let step: Duration = .milliseconds(20)

    init(_ ip: IPAddress, audio: AudioSource? = .tone, ids: inout Identifiers, echoes: Bool = false) throws(SocketError)
    {
        var options = UDPEndpoint.Options()
        options.timestamps = true
        options.receiveBuffer = 1 << 18
        options.sendBuffer = 1 << 18
        options.datagramSize = 2048
        self.endpoint = try UDPEndpoint(bind: SocketAddress(ip, 0), options: options)
        self.local = self.endpoint.localAddress
        self.echoes = echoes
        self.audio = audio
        self.packet = RTPPacket(
            payloadType: 0, sequence: UInt16(truncatingIfNeeded: ids.next()),
            timestamp: UInt32(truncatingIfNeeded: ids.next()),
            source: UInt32(truncatingIfNeeded: ids.next()), isMarked: true, payload: [])
    }

    func start(to peer: SocketAddress, format: UInt8) {
        self.peer = peer
        self.packet.payloadType = format
        self.next = self.clock.now()
    }

    /// When ``work()`` is due again.
    var deadline: MonotonicTime {
        self.peer == nil || self.echoes || self.audio == nil ? self.clock.now() + Self.step : self.next
    }

    /// Sends what is due and takes in what has come.
    func work() {
        self.receive()
        guard let peer, !self.echoes, self.audio != nil else { return }
        let now = self.clock.now()
        // Behind by a second: the pauses are left out, a burst would tell nothing.
        if now - self.next > .seconds(1) { self.next = now }
        while self.next <= now {
            self.packet.payload = self.audio?.next(payloadType: self.packet.payloadType) ?? []
            self.endpoint.enqueue(copying: self.packet.bytes(), to: peer)
            self.sent += 1
            self.packet.sequence &+= 1
            self.packet.timestamp &+= UInt32(AudioSource.samplesPerPacket)
            self.packet.isMarked = false
            self.next = self.next + Self.step
        }
        self.endpoint.flush()
        while self.endpoint.nextError() != nil {}
    }

    func receive() {
        while true {
            let batch = self.endpoint.receive()
            guard !batch.isEmpty else { return }
            let offset = self.clock.now().nanoseconds - self.clock.unixNanoseconds()
            for index in 0..<batch.count {
                let datagram = batch[index]
                guard var packet = RTPPacket(Array(datagram.bytes)) else {
                    self.others += 1
                    continue
                }
                self.reception.add(packet, at: MonotonicTime(nanoseconds: datagram.timestamp + offset))
                guard self.echoes else { continue }
                packet.source = self.packet.source
                self.endpoint.enqueue(copying: packet.bytes(), to: datagram.source)
                self.sent += 1
            }
            self.endpoint.flush()
        }
    }
}
