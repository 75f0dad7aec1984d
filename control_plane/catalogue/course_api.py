"""Courses and their lectures over HTTP."""

from http import HTTPStatus
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import find_caller, require_caller
from control_plane.accounts.permissions import IsCreator
from control_plane.catalogue.course_serializers import (
    CourseChange,
    CourseInput,
    CourseSerializer,
    LectureChange,
    LectureInput,
    LectureSerializer,
    OrderInput,
    PublishCourseInput,
)
from control_plane.catalogue.courses import (
    NewLecture,
    access_course,
    access_lecture,
    access_own_course,
    add_lecture,
    change_course,
    change_lecture,
    create_course,
    delete_course,
    list_courses,
    list_lectures,
    list_my_courses,
    order_lectures,
    publish_course,
    remove_lecture,
    unpublish_course,
)
from control_plane.catalogue.filters import CourseFilter
from control_plane.catalogue.models import Course, Lecture
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals
from control_plane.paging import ByChoice, InOrder

_TAKEN = document_refusals({409: "`slug_taken`: it leads, or led, to something else."})
_TWICE = document_refusals({409: "`lecture_twice`: it is a lecture of this course already."})
_IN_USE = document_refusals({409: "`course_in_use`: people subscribe to it, or did."})
_OUTDATED = document_refusals({409: "`order_outdated`: others stand in it now."})


class Courses(ListAPIView[Course]):
    """The courses that the caller may see."""

    serializer_class = CourseSerializer
    filterset_class = CourseFilter
    pagination_class = ByChoice

    def get_permissions(self) -> list[BasePermission]:
        return [IsCreator()] if self.request.method == "POST" else [AllowAny()]

    def get_queryset(self) -> QuerySet[Course]:
        return list_courses(find_caller(self.request), now=timezone.now())

    @extend_schema(request=CourseInput, responses={201: CourseSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a course, as a draft without lectures."""
        given = CourseInput(data=request.data)
        given.is_valid(raise_exception=True)
        course = create_course(require_caller(request), **given.validated_data)
        return _show(request, course.pk, status=HTTPStatus.CREATED)


class MyCourses(ListAPIView[Course]):
    """The courses that the caller subscribes to, or was granted."""

    queryset = Course.objects.none()
    serializer_class = CourseSerializer

    def get_queryset(self) -> QuerySet[Course]:
        return list_my_courses(require_caller(self.request), now=timezone.now())


class CourseDetail(APIView):
    """One course."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "GET" else [IsAuthenticated()]

    @extend_schema(responses=CourseSerializer)
    def get(self, request: Request, course_id: UUID) -> Response:
        """Show a course."""
        return _show(request, course_id)

    @extend_schema(request=CourseChange, responses={200: CourseSerializer, **_TAKEN})
    def patch(self, request: Request, course_id: UUID) -> Response:
        """Change what is said of a course."""
        course = _own(request, course_id)
        given = CourseChange(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        change_course(course, **given.validated_data)
        return _show(request, course_id)

    @extend_schema(responses={204: None, **_IN_USE})
    def delete(self, request: Request, course_id: UUID) -> Response:
        """Delete a course; its videos stay."""
        delete_course(_own(request, course_id), now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class PublishCourse(APIView):
    """Publishing."""

    @extend_schema(request=PublishCourseInput, responses=CourseSerializer)
    def post(self, request: Request, course_id: UUID) -> Response:
        """Show the course, now or from `at` on; a published one stays as it is."""
        course = _own(request, course_id)
        given = PublishCourseInput(data=request.data)
        given.is_valid(raise_exception=True)
        publish_course(course, now=timezone.now(), **given.validated_data)
        return _show(request, course_id)


class UnpublishCourse(APIView):
    """Unpublishing."""

    @extend_schema(request=None, responses=CourseSerializer)
    def post(self, request: Request, course_id: UUID) -> Response:
        """Make the course a draft. Its videos stay as they are."""
        unpublish_course(_own(request, course_id), now=timezone.now())
        return _show(request, course_id)


class Lectures(ListAPIView[Lecture]):
    """The lectures of a course, in their order."""

    queryset = Lecture.objects.none()
    serializer_class = LectureSerializer
    pagination_class = InOrder

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "GET" else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet[Lecture]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        caller, now = find_caller(self.request), timezone.now()
        course = access_course(caller, self.kwargs["course_id"], now=now)
        return list_lectures(course, caller, now=now)

    @extend_schema(request=LectureInput, responses={201: LectureSerializer, **_TWICE})
    @idempotent
    def post(self, request: Request, course_id: UUID) -> Response:
        """Put one of my videos at the course's end."""
        course = _own(request, course_id)
        given = LectureInput(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        new = NewLecture(wanted["video"], is_preview=wanted["is_preview"])
        lecture = add_lecture(course, new, by=require_caller(request))
        return Response(LectureSerializer(lecture).data, status=HTTPStatus.CREATED)


class OneLecture(APIView):
    """A lecture of one of my courses."""

    @extend_schema(request=LectureChange, responses=LectureSerializer)
    def patch(self, request: Request, course_id: UUID, lecture_id: UUID) -> Response:
        """Let it be a preview, or not."""
        lecture = access_lecture(_own(request, course_id), lecture_id)
        given = LectureChange(data=request.data)
        given.is_valid(raise_exception=True)
        is_preview = given.validated_data["is_preview"]
        change_lecture(lecture, is_preview=is_preview, now=timezone.now())
        return Response(LectureSerializer(lecture).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, course_id: UUID, lecture_id: UUID) -> Response:
        """Take it out of the course; the video stays."""
        lecture = access_lecture(_own(request, course_id), lecture_id)
        remove_lecture(lecture, now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class CourseOrder(APIView):
    """The order of lectures."""

    @extend_schema(request=OrderInput, responses={204: None, **_OUTDATED})
    def put(self, request: Request, course_id: UUID) -> Response:
        """Put all lectures in this order, at once."""
        course = _own(request, course_id)
        given = OrderInput(data=request.data)
        given.is_valid(raise_exception=True)
        order_lectures(course, given.validated_data["order"])
        return Response(status=HTTPStatus.NO_CONTENT)


def _own(request: Request, course_id: UUID) -> Course:
    return access_own_course(require_caller(request), course_id, now=timezone.now())


def _show(request: Request, course_id: UUID, *, status: int = HTTPStatus.OK) -> Response:
    course = access_course(find_caller(request), course_id, now=timezone.now())
    return Response(CourseSerializer(course, context={"request": request}).data, status=status)
