import Glibc
import SIPKit
import SIPNet
import Testing

@Suite("Event loop", .serialized)
struct EventLoopTests {
    private let clock = SystemClock()

    @Test("tells which endpoint is readable, by its token")
    func readable() throws {
        let loop = try EventLoop()
        let (first, second) = (
            try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0)), try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0))
        )
        try loop.add(first.descriptor, token: 1)
        try loop.add(second.descriptor, token: 2)
        #expect(loop.wait(until: .zero, now: self.clock.now()).count == 0)

        first.enqueue(copying: [1], to: second.localAddress)
        first.flush()
        let events = loop.wait(until: nil, now: self.clock.now())
        #expect(events.count == 1)
        #expect(events[0].token == 2 && events[0].isReadable && !events[0].isFailed)

        try loop.remove(second.descriptor)
        #expect(loop.wait(until: .zero, now: self.clock.now()).count == 0)
    }

    @Test("tells that an error waits to be read")
    func failed() throws {
        let loop = try EventLoop()
        let gone = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0)).localAddress
        let client = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0), connect: gone)
        try loop.add(client.descriptor, token: 5)
        client.enqueue(copying: [1])
        client.flush()
        let events = loop.wait(until: nil, now: self.clock.now())
        #expect(events.count == 1)
        #expect(events[0].isFailed)
    }

    @Test("waits until a deadline and not less")
    func deadline() throws {
        let loop = try EventLoop()
        let start = self.clock.now()
        #expect(loop.wait(until: start + .microseconds(2500), now: start).count == 0)
        #expect(self.clock.now() - start >= .microseconds(2500))
    }

    @Test("is woken by another thread, and once for several calls")
    func woken() async throws {
        let loop = try EventLoop()
        let waker = loop.waker
        await Task.detached {
            waker.wake()
            waker.wake()
        }.value
        let events = loop.wait(until: nil, now: self.clock.now())
        #expect(events.count == 1)
        #expect(events[0].token == EventLoop.wakeToken)
        #expect(loop.wait(until: .zero, now: self.clock.now()).count == 0)
    }

    @Test("asks for writability only when told to")
    func writable() throws {
        let loop = try EventLoop()
        let endpoint = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0))
        try loop.add(endpoint.descriptor, token: 1)
        try loop.change(endpoint.descriptor, token: 1, writable: true)
        #expect(loop.wait(until: nil, now: self.clock.now())[0].isWritable)
        try loop.change(endpoint.descriptor, token: 1, writable: false)
        #expect(loop.wait(until: .zero, now: self.clock.now()).count == 0)
    }

    @Test("reports a descriptor that cannot be watched")
    func badDescriptor() throws {
        let loop = try EventLoop()
        let error = #expect(throws: SocketError.self) { try loop.add(-1, token: 1) }
        #expect(error?.code == EBADF)
    }

    @Test("reads signals like datagrams, and gives them back at the end")
    func signals() throws {
        let loop = try EventLoop()
        do {
            let watch = try SignalWatch([SIGUSR1, SIGHUP])
            try loop.add(watch.descriptor, token: 9)
            #expect(watch.next() == nil)
            // To the process: the threads of the test runner block signals.
            kill(getpid(), SIGHUP)
            kill(getpid(), SIGUSR1)
            var seen: Set<Int32> = []
            while seen.count < 2 {
                #expect(loop.wait(until: nil, now: self.clock.now())[0].token == 9)
                while let number = watch.next() { seen.insert(number) }
            }
            #expect(seen == [SIGHUP, SIGUSR1])
            try loop.remove(watch.descriptor)
        }
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        #expect(action.__sigaction_handler.sa_handler == nil, "SIG_DFL is the null handler")
    }
}
