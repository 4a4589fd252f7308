import SIPKit
import SIPNet
import Testing

@Suite("The time of a send")
struct SendTimeTests {
    @Test("is told by the loopback interface at once, and lies between the looks at the clock around it")
    func told() throws {
        var options = UDPEndpoint.Options()
        options.sendTimestamps = true
        options.reportsErrors = true
        let receiver = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0))
        let endpoint = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0), options: options)
        let clock = SystemClock()
        for _ in 0..<20 {
            endpoint.enqueue(copying: Array("x".utf8), to: receiver.localAddress)
            let before = clock.unixNanoseconds()
            endpoint.flush()
            let left = try #require(endpoint.takeSendTime())
            #expect(left >= before && left <= clock.unixNanoseconds())
        }
        #expect(endpoint.takeSendTime() == nil)
        #expect(endpoint.nextError() == nil)
    }

    @Test("does not swallow the ICMP error that stands beside it")
    func beside() throws {
        var options = UDPEndpoint.Options()
        options.sendTimestamps = true
        options.reportsErrors = true
        let endpoint = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0), options: options)
        let nobody = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0)).localAddress
        endpoint.enqueue(copying: Array("x".utf8), to: nobody)
        endpoint.flush()
        #expect(endpoint.takeSendTime() != nil)
        let error = try #require(endpoint.nextError())
        #expect(error.destination == nobody)
        #expect(error.code == 111)
    }

    @Test("a date becomes the moment that it was")
    func moment() {
        let clock = SystemClock()
        let before = clock.now()
        let moment = clock.moment(ofDate: clock.unixNanoseconds())
        let after = clock.now()
        #expect(moment.nanoseconds >= before.nanoseconds - 1_000_000)
        #expect(moment.nanoseconds <= after.nanoseconds + 1_000_000)
        #expect(clock.moment(ofDate: 0) < before)
    }
}
