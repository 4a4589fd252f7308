import Testing

@testable import sipgrep
