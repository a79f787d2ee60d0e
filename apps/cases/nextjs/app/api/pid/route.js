export const dynamic = 'force-dynamic';

export async function GET(request) {
  return Response.json({ pid: process.pid, q: request.nextUrl.searchParams.get('q') });
}
