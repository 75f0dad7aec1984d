"""What RFC 9110 and RFC 9111 ask of answers: pure rules, and answers as bytes."""
