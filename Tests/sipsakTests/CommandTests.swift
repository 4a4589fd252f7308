import Testing

@testable import sipsak
